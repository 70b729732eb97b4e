import { readCertificates, type Period, type SigningAuthority } from './authorities.ts';
import type { ServingCertificate } from './certificate.ts';
import { issueAuthority, issueLeaf } from './issue.ts';

/** Lifetimes of certificates in milliseconds. */
export interface Lifetimes {
  /** Default 365 days. */
  readonly authorityLifeMs: number | undefined;
  /** Default 7 days. */
  readonly leafLifeMs: number | undefined;
}

/** A serving certificate with its issuer. */
export interface Leaf extends ServingCertificate, Period {
  /** Id of the authority. */
  readonly issuer: string;
}

export interface Issuer {
  authority(now: Date): Promise<SigningAuthority>;
  leaf(authority: SigningAuthority, now: Date): Promise<Leaf>;
}

const dayMs = 24 * 60 * 60_000;
/** Longest time by which a certificate is backdated. */
const backdateMs = 60 * 60_000;

const prefix = 'aegis-apiserver-ca';
/** Common names of our authorities; each has its own. */
export const authorityName = {
  of: (now: Date): string => `${prefix}@${Math.floor(now.getTime() / 1_000)}`,
  is: (name: string): boolean => name.startsWith(`${prefix}@`),
};

/** @throws when a certificate could expire before all replicas had the time to replace it */
export function createIssuer(
  options: Partial<Lifetimes> & {
    readonly hosts: readonly string[];
    readonly overlapMs: number;
    readonly intervalMs: number;
  },
): Issuer {
  const { authorityLifeMs = 365 * dayMs, leafLifeMs = 7 * dayMs, hosts, overlapMs, intervalMs } = options;
  if (leafLifeMs > authorityLifeMs / 3) {
    throw new Error('a serving certificate must not live longer than a third of the life of its authority');
  }
  if (overlapMs + 2 * intervalMs > authorityLifeMs / 6 || intervalMs > leafLifeMs / 6) {
    throw new Error('certificates do not live long enough for the overlap and the interval of the checks');
  }
  return {
    authority: async (now) => {
      const pair = await issueAuthority(authorityName.of(now), validity(now, authorityLifeMs));
      const [authority] = readCertificates(pair.certificate);
      if (authority === undefined) throw new Error('the new authority cannot be read');
      return { ...authority, key: pair.key };
    },
    leaf: async (authority, now) => {
      const { notBefore, notAfter } = validity(now, leafLifeMs);
      const period = {
        notBefore: new Date(Math.max(notBefore.getTime(), authority.notBefore.getTime())),
        notAfter: new Date(Math.min(notAfter.getTime(), authority.notAfter.getTime())),
      };
      const subject = { commonName: '', hosts, usages: ['serverAuth'] as const };
      return { ...(await issueLeaf(authority, subject, period)), ...period, issuer: authority.id };
    },
  };
}

/** Returns a validity in whole seconds, as certificates have; backdated for clocks that are slow. */
function validity(now: Date, lifeMs: number): Period {
  const second = Math.floor(now.getTime() / 1_000) * 1_000;
  return {
    notBefore: new Date(second - Math.min(backdateMs, Math.floor(lifeMs / 10_000) * 1_000)),
    notAfter: new Date(second + lifeMs),
  };
}
