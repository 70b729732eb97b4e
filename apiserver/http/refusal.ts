/** Why a request is not served, as a word for programs and metrics. */
export type RefusalReason =
  | 'NotFound'
  | 'MethodNotAllowed'
  | 'TokenRequired'
  | 'TokenUnknown'
  | 'SignatureInvalid'
  | 'NamespaceForbidden'
  | 'TokensUnreadable'
  | 'ContentTypeNotSupported'
  | 'ContentEncodingNotSupported'
  | 'BodyTooLarge'
  | 'BodyIncomplete'
  | 'BodyUnreadable'
  | 'Overloaded'
  | 'NotStored';

/** A request that ends with an error for the sender; the message is for the sender. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: 400 | 401 | 403 | 404 | 405 | 413 | 415 | 503;
  readonly reason: RefusalReason;

  constructor(status: Refusal['status'], reason: RefusalReason, message: string) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}
