import { createPrivateKey, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** When a certificate is valid; to the second. */
export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** Subject of a certificate. */
export interface LeafSubject {
  /** A client's user name, or a server's first name; may be empty for a server. */
  readonly commonName: string;
  /** A client's groups. */
  readonly organizations?: readonly string[];
  /** A server's DNS names and IP addresses. */
  readonly hosts?: readonly string[];
  readonly usages: readonly ('clientAuth' | 'serverAuth')[];
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** Issues a self-signed certificate authority that may only sign leaves, with a new key. */
export async function issueAuthority(commonName: string, validity: Validity): Promise<KeyPair> {
  const x509 = await loadX509();
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [commonName] }],
    ...validity,
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return encode(certificate.toString('pem'), keys.privateKey);
}

/**
 * Issues a certificate with a new key, signed by an authority.
 *
 * @throws when the authority's certificate or key cannot be read
 */
export async function issueLeaf(authority: KeyPair, subject: LeafSubject, validity: Validity): Promise<KeyPair> {
  const x509 = await loadX509();
  const issuer = new x509.X509Certificate(authority.certificate);
  const keys = await generateKeys();
  const { commonName, organizations = [], hosts = [] } = subject;
  const names = hosts.map((host) => ({ type: isIP(host) === 0 ? ('dns' as const) : ('ip' as const), value: host }));
  const certificate = await x509.X509CertificateGenerator.create({
    subject: [...organizations.map((name) => ({ O: [name] })), ...(commonName === '' ? [] : [{ CN: [commonName] }])],
    issuer: issuer.subject,
    ...validity,
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: await importPrivateKey(authority.key),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(subject.usages.map((usage) => x509.ExtendedKeyUsage[usage])),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      // Clients ignore the common name of a server; without a subject this extension is critical.
      ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names, commonName === '')]),
    ],
  });
  return encode(certificate.toString('pem'), keys.privateKey);
}

/** Loads the library on first use: it takes 20 MB, and not every process issues certificates. */
async function loadX509() {
  // x509 requires the metadata API when it is loaded.
  await import('reflect-metadata');
  return import('@peculiar/x509');
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

async function encode(certificate: string, privateKey: webcrypto.CryptoKey): Promise<KeyPair> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', privateKey)).toString('base64');
  const lines = der.match(/.{1,64}/g) ?? [];
  const key = ['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----', ''].join('\n');
  return { certificate: `${certificate.trim()}\n`, key };
}

function importPrivateKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' });
  return webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']);
}
