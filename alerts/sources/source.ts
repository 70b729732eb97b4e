import type { AlertSource } from '../../crds/alert.ts';
import type { ParseContext, ParsedPayload } from '../incoming.ts';

/**
 * A kind of sender: where it posts to, how it proves who it is, and how its payloads are read. The ingest calls
 * `authenticate`, `read` and `parse` in this order. All of them may be asynchronous; the time limit of the request
 * counts for all.
 */
export interface Source {
  readonly name: AlertSource;
  readonly paths: readonly string[];
  /** Media types that are accepted, in lower case; a request without a type is always accepted. */
  readonly contentTypes: readonly string[] | 'any';
  /** @param secrets what is configured for the source; undefined when nothing is */
  authenticate(request: SenderRequest, secrets: SenderSecrets | undefined): Awaitable<Authentication>;
  /** Decodes a body: JSON for most senders. Never throws for any bytes. */
  read(raw: Buffer, headers: RequestHeaders): Awaitable<ReadBody>;
  /**
   * Reads the alerts of a decoded body. Never throws because of the body.
   *
   * @throws only what may pass, such as a service that does not answer: the sender is asked to send the body again
   */
  parse(body: unknown, context: SourceContext): Awaitable<ParsedPayload>;
}

export type Awaitable<T> = T | Promise<T>;

/** Headers of a request; names in lower case. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A request of a sender that is not authenticated yet. */
export interface SenderRequest {
  readonly headers: RequestHeaders;
  /** The namespace that the alerts are published to. */
  readonly namespace: string;
  /**
   * Returns the body as it was sent, but decompressed. Only a source whose senders sign the body calls it: otherwise
   * nothing is read from a sender that is not authenticated.
   *
   * @throws a refusal of the ingest, such as 413, which the source lets through
   */
  readonly raw: () => Promise<Buffer>;
}

/** The secrets that are configured for a source. */
export interface SenderSecrets {
  /** @throws a refusal of the ingest (503) when they cannot be read, which the source lets through */
  all(): Promise<readonly SenderSecret[]>;
}

/** A bearer token or a key that senders sign with. */
export interface SenderSecret {
  readonly value: string;
  /** SHA-256 of the value. */
  readonly digest: Buffer;
  /** Namespaces that its holder may publish to; empty = all. */
  readonly namespaces: readonly string[];
}

export type Authentication =
  | { readonly ok: true }
  /** 401: the sender is not authenticated. */
  | {
      readonly ok: false;
      readonly reason: 'TokenRequired' | 'TokenUnknown' | 'SignatureInvalid';
      readonly message: string;
    }
  /** 403: the sender is authenticated and may not publish to the namespace. */
  | { readonly ok: false; readonly reason: 'NamespaceForbidden'; readonly message: string };

/** A decoded body, or why it can never be decoded. */
export type ReadBody = { readonly ok: true; readonly body: unknown } | { readonly ok: false; readonly reason: string };

/** The context in which a source parses the alerts of a body. */
export interface SourceContext extends ParseContext {
  /** Aborts when the time for the answer is up. */
  readonly signal: AbortSignal;
}
