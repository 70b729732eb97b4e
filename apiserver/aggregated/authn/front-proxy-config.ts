import { X509Certificate } from 'node:crypto';

/** Configuration of the front proxy, as kube-apiserver publishes it. Header names are in lower case. */
export interface FrontProxyConfig {
  /** Authorities whose certificates are accepted. PEM, one each. */
  readonly authorities: readonly string[];
  /** Common names of the certificates that are accepted; empty = any. */
  readonly allowedNames: readonly string[];
  readonly usernameHeaders: readonly string[];
  readonly groupHeaders: readonly string[];
  readonly extraPrefixes: readonly string[];
  /** Empty unless published. */
  readonly uidHeaders: readonly string[];
}

/** Maximum length of a list; real ones have one entry. */
const maxEntries = 64;

/**
 * Reads the data of the ConfigMap `kube-system/extension-apiserver-authentication`. Nothing has a default: with
 * a guessed header name, a client could set the header itself.
 *
 * @throws Error that names a missing, empty or unreadable key
 */
export function parseFrontProxyConfig(data: Readonly<Record<string, string>>): FrontProxyConfig {
  return {
    authorities: authorities(data, 'requestheader-client-ca-file'),
    allowedNames: names(data, 'requestheader-allowed-names'),
    usernameHeaders: headers(data, 'requestheader-username-headers'),
    groupHeaders: headers(data, 'requestheader-group-headers'),
    extraPrefixes: headers(data, 'requestheader-extra-headers-prefix'),
    uidHeaders: optionalHeaders(data, 'requestheader-uid-headers'),
  };
}

const pemBlock = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

function authorities(data: Readonly<Record<string, string>>, key: string): string[] {
  const blocks = (data[key] ?? '').match(pemBlock) ?? [];
  if (blocks.length === 0) throw new Error(`${key} holds no certificate`);
  if (blocks.length > maxEntries) throw new Error(`${key} holds more than ${maxEntries} certificates`);
  for (const block of blocks) checkCertificate(block, key);
  return blocks;
}

function checkCertificate(pem: string, key: string): void {
  try {
    new X509Certificate(pem);
  } catch (cause) {
    throw new Error(`${key} holds a certificate that cannot be read`, { cause });
  }
}

function names(data: Readonly<Record<string, string>>, key: string): string[] {
  const text = data[key];
  if (text === undefined) throw new Error(`${key} is missing`);
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch (cause) {
    throw new Error(`${key} is not JSON`, { cause });
  }
  // Go writes an empty list as null.
  if (list === null) return [];
  if (!Array.isArray(list) || !list.every((name): name is string => typeof name === 'string' && name.trim() !== '')) {
    throw new Error(`${key} is not a list of names`);
  }
  if (list.length > maxEntries) throw new Error(`${key} has more than ${maxEntries} entries`);
  return list;
}

function headers(data: Readonly<Record<string, string>>, key: string): string[] {
  const list = optionalHeaders(data, key);
  if (list.length === 0) throw new Error(`${key} is missing or empty`);
  return list;
}

function optionalHeaders(data: Readonly<Record<string, string>>, key: string): string[] {
  if (data[key] === undefined) return [];
  const list = names(data, key).map((name) => name.trim().toLowerCase());
  if (!list.every((name) => /^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name))) {
    throw new Error(`${key} is not a list of header names`);
  }
  return list;
}
