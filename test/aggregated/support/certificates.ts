// x509 needs the metadata API in place before it is loaded.
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { webcrypto } from 'node:crypto';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const dayMs = 24 * 60 * 60 * 1000;

/** A certificate and its private key, both PEM. */
export interface Issued {
  readonly cert: string;
  readonly key: string;
}

/** The properties of a certificate for a test. */
export interface Wanted {
  readonly commonName: string;
  /** DNS names. */
  readonly hosts?: readonly string[];
  /** Default: clientAuth, or serverAuth with hosts. */
  readonly usages?: readonly x509.ExtendedKeyUsage[];
  /** From now; default -1 and 1. */
  readonly fromDays?: number;
  readonly toDays?: number;
  readonly isAuthority?: boolean;
}

/** An authority in memory. */
export interface TestAuthority {
  readonly cert: string;
  issue(wanted: Wanted): Promise<Issued>;
  /** An authority whose certificate this one signs. */
  intermediate(commonName: string): Promise<TestAuthority>;
}

export const { clientAuth, serverAuth } = x509.ExtendedKeyUsage;

export async function createAuthority(commonName: string): Promise<TestAuthority> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [commonName] }],
    notBefore: new Date(Date.now() - dayMs),
    notAfter: new Date(Date.now() + dayMs),
    signingAlgorithm: algorithm,
    keys,
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  });
  return authority(certificate, keys);
}

function authority(certificate: x509.X509Certificate, keys: webcrypto.CryptoKeyPair): TestAuthority {
  const sign = async (wanted: Wanted, subjectKeys: webcrypto.CryptoKeyPair): Promise<x509.X509Certificate> => {
    const { commonName, hosts = [], fromDays = -1, toDays = 1, isAuthority = false } = wanted;
    const usages = wanted.usages ?? [hosts.length > 0 ? serverAuth : clientAuth];
    return x509.X509CertificateGenerator.create({
      subject: [{ CN: [commonName] }],
      issuer: certificate.subject,
      notBefore: new Date(Date.now() + fromDays * dayMs),
      notAfter: new Date(Date.now() + toDays * dayMs),
      signingAlgorithm: algorithm,
      publicKey: subjectKeys.publicKey,
      signingKey: keys.privateKey,
      extensions: [
        new x509.BasicConstraintsExtension(isAuthority, undefined, true),
        ...(usages.length === 0 || isAuthority ? [] : [new x509.ExtendedKeyUsageExtension([...usages])]),
        ...(hosts.length === 0
          ? []
          : [new x509.SubjectAlternativeNameExtension(hosts.map((value) => ({ type: 'dns' as const, value })))]),
      ],
    });
  };
  return {
    cert: certificate.toString('pem'),
    issue: async (wanted) => {
      const leafKeys = await newKeys();
      const leaf = await sign(wanted, leafKeys);
      const key = await webcrypto.subtle.exportKey('pkcs8', leafKeys.privateKey);
      return { cert: leaf.toString('pem'), key: x509.PemConverter.encode(key, 'PRIVATE KEY') };
    },
    intermediate: async (commonName) => {
      const ownKeys = await newKeys();
      return authority(await sign({ commonName, isAuthority: true }, ownKeys), ownKeys);
    },
  };
}

async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}
