import { createPrivateKey, X509Certificate } from 'node:crypto';

import { labels } from '../../crds/labels.ts';
import type { KubeObject, ResourceType } from '../../crds/object.ts';
import { readCertificates, type Authorities, type Authority, type SigningAuthority } from './authorities.ts';

/** The used part of a Secret; values are base64. */
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

/** Name of the Secret with the authorities; one for each installation. */
export const authoritySecretName = 'aegis-apiserver-ca';

/**
 * Its keys. `ca.*` signs; `next-ca.*` exists during a rotation, from its publication until it becomes the current
 * one; `retired-ca.crt` holds the certificates of former authorities, concatenated, until they expire.
 */
const keys = {
  currentCertificate: 'ca.crt',
  currentKey: 'ca.key',
  nextCertificate: 'next-ca.crt',
  nextKey: 'next-ca.key',
  retiredCertificates: 'retired-ca.crt',
} as const;

/**
 * Reads the authorities of a Secret; undefined when it is empty, as after an installation.
 *
 * @throws when its content cannot be used; the message reveals none of it
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

/** Returns a Secret with the authorities; `before` is the one to overwrite, with its resourceVersion. */
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
  return new Error(`Secret ${authoritySecretName} cannot be used: ${why}; delete it to create a new one`);
}
