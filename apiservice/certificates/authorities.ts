import { X509Certificate } from 'node:crypto';

/** Validity of a certificate. */
export interface Period {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** A certificate authority that clients trust. */
export interface Authority extends Period {
  /** SHA-256 fingerprint of the certificate. */
  readonly id: string;
  readonly commonName: string;
  /** PEM. */
  readonly certificate: string;
}

/** A certificate authority that can sign. */
export interface SigningAuthority extends Authority {
  /** PEM; never logged. */
  readonly key: string;
}

/** The authorities of one installation; all replicas share them. */
export interface Authorities {
  /** Signs leaves. */
  readonly current: SigningAuthority;
  /** Becomes `current` when all clients trust it; exists during a rotation only. */
  readonly next?: SigningAuthority | undefined;
  /** Former `current` authorities; trusted until they expire, their keys are deleted. */
  readonly retired: readonly Authority[];
}

const pemCertificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Reads the certificates of a PEM text, in their order. @throws when one of them cannot be read */
export function readCertificates(pem: string): Authority[] {
  return (pem.match(pemCertificate) ?? []).map((text) => {
    const { fingerprint256, validFromDate, validToDate, subject } = new X509Certificate(text);
    const [, commonName = ''] = /(?:^|\n)CN=(.*)/.exec(subject) ?? [];
    return {
      id: fingerprint256,
      commonName,
      notBefore: validFromDate,
      notAfter: validToDate,
      certificate: `${text}\n`,
    };
  });
}

/** Returns the authorities that clients must trust, as PEM. */
export function bundleOf({ current, next, retired }: Authorities): string {
  return [current, ...(next === undefined ? [] : [next]), ...retired].map(({ certificate }) => certificate).join('');
}

export function isValid({ notBefore, notAfter }: Period, now: Date): boolean {
  return notBefore <= now && now < notAfter;
}

/** Returns when a certificate is replaced: after two thirds of its life. */
export function renewalTime({ notBefore, notAfter }: Period): Date {
  return new Date(notBefore.getTime() + ((notAfter.getTime() - notBefore.getTime()) * 2) / 3);
}

/** Returns the authorities with a next one, which is published but not used yet. */
export function prepared({ current, retired }: Authorities, next: SigningAuthority): Authorities {
  return { current, next, retired };
}

/** Returns the authorities with `next` as the current one; the key of the former one is dropped. */
export function promoted(authorities: Authorities, now: Date): Authorities {
  const { current, next, retired } = authorities;
  if (next === undefined) return authorities;
  return pruned({ current: next, retired: [...retired, withoutKey(current)] }, now);
}

/** Returns the authorities without expired ones. */
export function pruned(authorities: Authorities, now: Date): Authorities {
  return { ...authorities, retired: authorities.retired.filter(({ notAfter }) => now < notAfter) };
}

function withoutKey({ id, commonName, certificate, notBefore, notAfter }: SigningAuthority): Authority {
  return { id, commonName, certificate, notBefore, notAfter };
}
