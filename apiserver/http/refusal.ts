/** Why a request is refused, for programs and metrics. */
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

/** An error that ends a request; the message is for the sender. */
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
