import type { Periodic } from '../../lib/periodic.ts';

/** A serving certificate and its private key, both PEM; the certificate may be followed by its intermediates. */
export interface ServingCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** Source of a certificate that may change while servers use it. */
export interface CertificateSource {
  /** Undefined until there is one. */
  current(): ServingCertificate | undefined;
  /** Called after `current` has changed. Returns a function that removes the listener. */
  onChange(listener: () => void): () => void;
}

/** A serving certificate that is kept current, and what to trust it by. */
export interface Certificates extends CertificateSource {
  /** To be started before the servers; when `start` resolves there is a certificate unless the first check failed. */
  readonly part: Periodic;
  /** Fails while there is no valid certificate that our clients would accept. */
  readonly ready: { readonly name: string; check(): string | undefined };
  /**
   * Reads what clients must trust now, as PEM; undefined when Aegis does not publish it.
   *
   * @throws when it cannot be read
   */
  bundle(): Promise<string | undefined>;
}
