import { createPrivateKey, X509Certificate } from 'node:crypto';

import { labels } from '../../crds/labels.ts';
import type { KubeObject, ResourceType } from '../../crds/object.ts';
import { readCertificates, type Authorities, type Authority, type SigningAuthority } from './authorities.ts';

/** The part of a Secret that matters here; values are base64. */
export interface Secret extends KubeObject {
  type?: string;
  data?: Record<string, string>;
}

export const secrets: ResourceType<Secret> = {
  group: '',
  version: 'v1',
  plural: 'secrets',
  kind: 'Secret',
  namespaced: true,
};

/** The Secret of the authorities; one for each installation. */
export const authoritySecretName = 'aegis-apiserver-ca';

/**
 * Its keys. `ca.*` signs; `next-ca.*` exists during a rotation, from the moment it is published until it takes over;
 * `retired-ca.crt` holds the certificates of those that signed before, one after the other, until they expire.
 */
const keys = {
  currentCertificate: 'ca.crt',
  currentKey: 'ca.key',
  nextCertificate: 'next-ca.crt',
  nextKey: 'next-ca.key',
  retiredCertificates: 'retired-ca.crt',
} as const;

/**
 * The authorities in a Secret; undefined when it is empty, as one that was installed to be filled.
 *
 * @throws when it holds something that cannot be used; the message shows none of it
 */
export function readAuthorities({ data = {} }: Secret): Authorities | undefined {
  if (Object.keys(data).length === 0) return undefined;
  const current = readSigning(data, keys.currentCertificate, keys.currentKey);
  if (current === undefined) throw unusable(`it has no ${keys.currentCertificate}`);
  return {
    current,
    next: readSigning(data, keys.nextCertificate, keys.nextKey),
    retired: readAll(data, keys.retiredCertificates),
  };
}

/** The Secret that holds them; `before` is the one to overwrite, with its resourceVersion. */
export function authoritySecret(authorities: Authorities, namespace: string, before?: Secret): Secret {
  const { current, next, retired } = authorities;
  const text: Record<string, string> = {
    [keys.currentCertificate]: current.certificate,
    [keys.currentKey]: current.key,
    ...(next === undefined ? {} : { [keys.nextCertificate]: next.certificate, [keys.nextKey]: next.key }),
    ...(retired.length === 0
      ? {}
      : { [keys.retiredCertificates]: retired.map(({ certificate }) => certificate).join('') }),
  };
  const data = Object.fromEntries(
    Object.entries(text).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  );
  const metadata = before?.metadata ?? {
    namespace,
    name: authoritySecretName,
    labels: { [labels.managedBy]: 'aegis' },
  };
  return { apiVersion: 'v1', kind: 'Secret', type: before?.type ?? 'Opaque', metadata, data };
}

function readSigning(data: Record<string, string>, name: string, keyName: string): SigningAuthority | undefined {
  const [authority] = readAll(data, name);
  if (authority === undefined) return undefined;
  const key = decode(data[keyName]);
  try {
    if (new X509Certificate(authority.certificate).checkPrivateKey(createPrivateKey(key))) return { ...authority, key };
  } catch {
    throw unusable(`${keyName} is not a private key`);
  }
  throw unusable(`${keyName} is not the key of ${name}`);
}

function readAll(data: Record<string, string>, name: string): Authority[] {
  try {
    return readCertificates(decode(data[name]));
  } catch {
    throw unusable(`${name} is not a certificate`);
  }
}

function decode(value = ''): string {
  return Buffer.from(value, 'base64').toString();
}

function unusable(why: string): Error {
  return new Error(`Secret ${authoritySecretName} cannot be used: ${why}; delete it to start anew`);
}
