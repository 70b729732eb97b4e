import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { issueAuthority, issueLeaf, type KeyPair, type Validity } from '../apiservice/certificates/issue.ts';

const AUTHORITY_DAYS = 3650;
const LEAF_DAYS = 365;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Paths of a certificate and its private key, both PEM. */
export interface CertificateFiles {
  certFile: string;
  keyFile: string;
}

/** The subject of a certificate. */
export interface Subject {
  /** A client's user name, or a server's first name. */
  commonName: string;
  /** A client's groups. */
  groups?: readonly string[];
  /** A server's DNS names and IP addresses; without any the certificate is for a client. */
  hosts?: readonly string[];
}

/** A certificate authority whose key lies in a folder. */
export interface Authority {
  readonly certFile: string;
  readonly keyFile: string;
  /** Writes `<name>.crt` and `<name>.key`, valid for a year, anew at every call. */
  issue(name: string, subject: Subject): Promise<CertificateFiles>;
}

/** The authorities of a cluster, separate so that a certificate of one is worth nothing to the other. */
export interface Pki {
  /** Clients and servers of the Kubernetes API. */
  cluster: Authority;
  /** The API aggregator, when it speaks for a user to an extension server. */
  frontProxy: Authority;
  /** etcd and its only client. */
  etcd: Authority;
  /** The key that signs service account tokens. */
  serviceAccounts: { privateKeyFile: string; publicKeyFile: string };
}

/** Opens the keys of a cluster in a folder, or makes them. Tokens and certificates survive a restart of the cluster. */
export async function openPki(dir: string): Promise<Pki> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  return {
    cluster: await openAuthority(dir, 'ca'),
    frontProxy: await openAuthority(dir, 'front-proxy-ca'),
    etcd: await openAuthority(dir, 'etcd-ca'),
    serviceAccounts: openSigningKey(dir),
  };
}

async function openAuthority(dir: string, name: string): Promise<Authority> {
  const files = { certFile: join(dir, `${name}.crt`), keyFile: join(dir, `${name}.key`) };
  if (!existsSync(files.certFile) || !existsSync(files.keyFile)) {
    writeCertificate(files, await issueAuthority(`aegis-devcluster-${name}`, validity(AUTHORITY_DAYS)));
  }
  const authority = { certificate: readFileSync(files.certFile, 'utf8'), key: readFileSync(files.keyFile, 'utf8') };

  return {
    ...files,
    async issue(leafName, { commonName, groups = [], hosts = [] }) {
      const usages = ['clientAuth' as const, ...(hosts.length > 0 ? ['serverAuth' as const] : [])];
      const subject = { commonName, organizations: groups, hosts, usages };
      const leafFiles = { certFile: join(dir, `${leafName}.crt`), keyFile: join(dir, `${leafName}.key`) };
      writeCertificate(leafFiles, await issueLeaf(authority, subject, validity(LEAF_DAYS)));
      return leafFiles;
    },
  };
}

/** Begins a little in the past, so that a clock that is set back does not make it invalid. */
function validity(days: number): Validity {
  const now = Date.now();
  return { notBefore: new Date(now - DAY_MS), notAfter: new Date(now + days * DAY_MS) };
}

function writeCertificate(files: CertificateFiles, { certificate, key }: KeyPair): void {
  writeFileSync(files.keyFile, key, { mode: 0o600 });
  writeFileSync(files.certFile, certificate);
}

function openSigningKey(dir: string): Pki['serviceAccounts'] {
  const files = { privateKeyFile: join(dir, 'service-accounts.key'), publicKeyFile: join(dir, 'service-accounts.pub') };
  if (!existsSync(files.privateKeyFile) || !existsSync(files.publicKeyFile)) {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    writeFileSync(files.privateKeyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    writeFileSync(files.publicKeyFile, publicKey.export({ type: 'spki', format: 'pem' }));
  }
  return files;
}
