/** A serving certificate and its private key, both PEM; the certificate may be followed by its intermediates. */
export interface ServingCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** Where servers get their certificate from, and hear of a new one. */
export interface CertificateSource {
  /** Undefined until there is one. */
  current(): ServingCertificate | undefined;
  /** Called after `current` has changed. Answers how to stop it. */
  onChange(listener: () => void): () => void;
}
