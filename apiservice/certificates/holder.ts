import type { CertificateSource, ServingCertificate } from './certificate.ts';

/** A certificate source with a setter. */
export interface CertificateHolder extends CertificateSource {
  set(certificate: ServingCertificate): void;
}

export function createHolder(): CertificateHolder {
  const listeners = new Set<() => void>();
  let current: ServingCertificate | undefined;
  return {
    current: () => current,
    onChange: (listener) => {
      // The same function may be added twice.
      const own = (): void => {
        listener();
      };
      listeners.add(own);
      return () => {
        listeners.delete(own);
      };
    },
    set: (certificate) => {
      current = certificate;
      for (const listener of listeners) listener();
    },
  };
}
