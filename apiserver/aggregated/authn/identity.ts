import type { IncomingMessage } from 'node:http';
import type { FrontProxyConfig } from './front-proxy-config.ts';
import type { User } from '../../../kube/user.ts';

/** `[name, value]` pairs as received; names in lower case. */
type HeaderList = readonly (readonly [string, string])[];

/**
 * Returns the user that the front proxy put into the headers; undefined when there is none or it is unreadable. To be
 * trusted only on a connection of the front proxy. Values are taken literally: a comma in a group is part of its name.
 * Removes all credentials from the request, so that later code cannot log them or pass them on.
 */
export function takeIdentity(request: IncomingMessage, config: FrontProxyConfig): User | undefined {
  const headers = pairs(request.rawHeaders);
  stripIdentity(request, headers, config);
  return identityOf(headers, config);
}

function identityOf(headers: HeaderList, config: FrontProxyConfig): User | undefined {
  try {
    const name = firstValue(headers, config.usernameHeaders);
    if (name === '') return undefined;
    const groups = config.groupHeaders.flatMap((header) =>
      headers.filter(([one, value]) => one === header && value !== '').map(([, value]) => utf8(value)),
    );
    return {
      name,
      uid: firstValue(headers, config.uidHeaders),
      groups: withAuthenticated(name, groups),
      extra: extraOf(headers, config.extraPrefixes),
    };
  } catch (error) {
    if (error instanceof UnreadableError) return undefined;
    throw error;
  }
}

const authenticated = 'system:authenticated';
const unauthenticated = 'system:unauthenticated';
const anonymous = 'system:anonymous';

/** Adds the group as kube-apiserver does; not to a user that kube-apiserver passed on as anonymous. */
function withAuthenticated(name: string, groups: readonly string[]): readonly string[] {
  if (name === anonymous || groups.includes(authenticated) || groups.includes(unauthenticated)) return groups;
  return [...groups, authenticated];
}

/** Returns the first value of the first header that has one; empty when none has. */
function firstValue(headers: HeaderList, names: readonly string[]): string {
  for (const header of names) {
    const value = headers.find(([name]) => name === header)?.[1] ?? '';
    if (value !== '') return utf8(value);
  }
  return '';
}

function extraOf(headers: HeaderList, prefixes: readonly string[]): User['extra'] {
  // A Map, because a key may have the name of a prototype property.
  const extra = new Map<string, string[]>();
  for (const prefix of prefixes) {
    for (const [name, value] of headers) {
      if (!name.startsWith(prefix)) continue;
      const key = decoded(name.slice(prefix.length));
      const values = extra.get(key) ?? [];
      values.push(utf8(value));
      extra.set(key, values);
    }
  }
  return Object.fromEntries(extra);
}

/** Decodes a key: it may hold characters that header names cannot. A key that is not properly encoded is taken literally. */
function decoded(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

class UnreadableError extends Error {}

/**
 * Decodes a value as UTF-8; Node reads headers as Latin-1.
 *
 * @throws UnreadableError for other bytes: replacing them would make different names equal
 */
function utf8(value: string): string {
  // ASCII is the same in both, and almost all names are ASCII.
  if (/^[\x20-\x7e]*$/.test(value)) return value;
  try {
    return decoder.decode(Buffer.from(value, 'latin1'));
  } catch (cause) {
    throw new UnreadableError('a header is not UTF-8', { cause });
  }
}

function stripIdentity(request: IncomingMessage, all: HeaderList, config: FrontProxyConfig): void {
  const secret = secretHeaders(config);
  const isSecret = (name: string): boolean =>
    secret.has(name) || name.startsWith('x-remote-') || config.extraPrefixes.some((prefix) => name.startsWith(prefix));
  const rawHeaders: string[] = [];
  // Without a prototype: a header may have the name of one of its properties.
  const headers = Object.create(null) as Record<string, string>;
  for (const [name, value] of all) {
    if (isSecret(name)) continue;
    rawHeaders.push(name, value);
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  }
  request.rawHeaders = rawHeaders;
  request.headers = headers;
}

function secretHeaders({ usernameHeaders, groupHeaders, uidHeaders }: FrontProxyConfig): ReadonlySet<string> {
  return new Set([
    'authorization',
    'proxy-authorization',
    'cookie',
    ...usernameHeaders,
    ...groupHeaders,
    ...uidHeaders,
  ]);
}

function pairs(rawHeaders: readonly string[]): HeaderList {
  const list: [string, string][] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    list.push([(rawHeaders[index] ?? '').toLowerCase(), rawHeaders[index + 1] ?? '']);
  }
  return list;
}
