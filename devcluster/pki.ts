// x509 needs the metadata API in place before it is loaded.
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { createPrivateKey, generateKeyPairSync, webcrypto } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const AUTHORITY_DAYS = 3650;
const LEAF_DAYS = 365;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Paths of a certificate and its private key, both PEM. */
export interface CertificateFiles {
  certFile: string;
  keyFile: string;
}

/** Who a certificate is for. */
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
  if (!existsSync(files.certFile) || !existsSync(files.keyFile))
    await createAuthority(files, `aegis-devcluster-${name}`);
  const certificate = new x509.X509Certificate(readFileSync(files.certFile, 'utf8'));
  const signingKey = await importPrivateKey(readFileSync(files.keyFile, 'utf8'));

  return {
    ...files,
    async issue(leafName, subject) {
      const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
      const leaf = await x509.X509CertificateGenerator.create({
        subject: distinguishedName(subject),
        issuer: certificate.subject,
        ...validity(LEAF_DAYS),
        signingAlgorithm: ALGORITHM,
        publicKey: keys.publicKey,
        signingKey,
        extensions: await leafExtensions(subject, certificate, keys.publicKey),
      });
      const leafFiles = { certFile: join(dir, `${leafName}.crt`), keyFile: join(dir, `${leafName}.key`) };
      await writeCertificate(leafFiles, leaf, keys.privateKey);
      return leafFiles;
    },
  };
}

async function createAuthority(files: CertificateFiles, commonName: string): Promise<void> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: distinguishedName({ commonName }),
    ...validity(AUTHORITY_DAYS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  await writeCertificate(files, certificate, keys.privateKey);
}

async function leafExtensions(
  subject: Subject,
  issuer: x509.X509Certificate,
  publicKey: webcrypto.CryptoKey,
): Promise<x509.Extension[]> {
  const hosts = subject.hosts ?? [];
  const usages = [x509.ExtendedKeyUsage.clientAuth, ...(hosts.length > 0 ? [x509.ExtendedKeyUsage.serverAuth] : [])];
  const extensions: x509.Extension[] = [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension(usages),
    await x509.AuthorityKeyIdentifierExtension.create(issuer),
    await x509.SubjectKeyIdentifierExtension.create(publicKey),
  ];
  if (hosts.length > 0) {
    const names = hosts.map((host) => ({ type: isIP(host) === 0 ? ('dns' as const) : ('ip' as const), value: host }));
    extensions.push(new x509.SubjectAlternativeNameExtension(names));
  }
  return extensions;
}

function distinguishedName({ commonName, groups = [] }: Subject): x509.JsonName {
  return [...groups.map((group) => ({ O: [group] })), { CN: [commonName] }];
}

/** Begins a little in the past, so that a clock that is set back does not make it invalid. */
function validity(days: number): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - DAY_MS), notAfter: new Date(now + days * DAY_MS) };
}

async function writeCertificate(
  files: CertificateFiles,
  certificate: x509.X509Certificate,
  privateKey: webcrypto.CryptoKey,
): Promise<void> {
  const key = x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', privateKey), 'PRIVATE KEY');
  writeFileSync(files.keyFile, `${key}\n`, { mode: 0o600 });
  writeFileSync(files.certFile, `${certificate.toString('pem')}\n`);
}

function importPrivateKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' });
  return webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, false, ['sign']);
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
