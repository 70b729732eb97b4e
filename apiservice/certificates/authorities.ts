import { X509Certificate } from 'node:crypto';

/** When a certificate may be used. */
export interface Period {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** A certificate authority that servers are trusted by. */
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
  /** Will be `current` when everybody trusts it; exists during a rotation only. */
  readonly next?: SigningAuthority | undefined;
  /** Were `current`; trusted until they expire, their keys are gone. */
  readonly retired: readonly Authority[];
}

const pemCertificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The certificates in a PEM text, in its order. @throws when one of them cannot be read */
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

/** What clients must trust, as PEM. */
export function bundleOf({ current, next, retired }: Authorities): string {
  return [current, ...(next === undefined ? [] : [next]), ...retired].map(({ certificate }) => certificate).join('');
}

export function isValid({ notBefore, notAfter }: Period, now: Date): boolean {
  return notBefore <= now && now < notAfter;
}

/** At two thirds of its life a certificate is replaced. */
export function renewalTime({ notBefore, notAfter }: Period): Date {
  return new Date(notBefore.getTime() + ((notAfter.getTime() - notBefore.getTime()) * 2) / 3);
}

/** With an authority that everybody is to trust from now on, though nobody uses it yet. */
export function prepared({ current, retired }: Authorities, next: SigningAuthority): Authorities {
  return { current, next, retired };
}

/** With `next` in charge; the key of the one before is forgotten. */
export function promoted(authorities: Authorities, now: Date): Authorities {
  const { current, next, retired } = authorities;
  if (next === undefined) return authorities;
  return pruned({ current: next, retired: [...retired, withoutKey(current)] }, now);
}

/** Without the authorities that nothing valid can be from. */
export function pruned(authorities: Authorities, now: Date): Authorities {
  return { ...authorities, retired: authorities.retired.filter(({ notAfter }) => now < notAfter) };
}

function withoutKey({ id, commonName, certificate, notBefore, notAfter }: SigningAuthority): Authority {
  return { id, commonName, certificate, notBefore, notAfter };
}
