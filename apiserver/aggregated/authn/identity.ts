import type { IncomingMessage } from 'node:http';
import type { FrontProxyConfig } from './front-proxy-config.ts';
import type { User } from '../../../kube/user.ts';

/** `[name, value]` pairs as they came over the wire, but for names in lower case. */
type HeaderList = readonly (readonly [string, string])[];

/**
 * Who the front proxy says it is that asks; undefined when it does not, or not readably. To be believed only of a request
 * that came over a connection of the front proxy. Values are taken as they are: a comma in a group is part of its name.
 * Everything that proves who somebody is goes off the request, so that nothing behind this can log it or pass it on.
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

/** As kube-apiserver adds it: whom it did not know itself, and let through as anonymous, gains no rights here. */
function withAuthenticated(name: string, groups: readonly string[]): readonly string[] {
  if (name === anonymous || groups.includes(authenticated) || groups.includes(unauthenticated)) return groups;
  return [...groups, authenticated];
}

/** The first value of the first header that has one; empty when none has. */
function firstValue(headers: HeaderList, names: readonly string[]): string {
  for (const header of names) {
    const value = headers.find(([name]) => name === header)?.[1] ?? '';
    if (value !== '') return utf8(value);
  }
  return '';
}

function extraOf(headers: HeaderList, prefixes: readonly string[]): User['extra'] {
  // A Map, because a key may be called like something of a prototype.
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

/** Keys may hold any character, header names may not. A key that is not properly encoded is taken as it is. */
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
 * Node reads headers as Latin-1, names of people are UTF-8.
 *
 * @throws UnreadableError for other bytes: replacing them would make different names equal
 */
function utf8(value: string): string {
  // The same in both, and what almost all names are.
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
  // Without a prototype, which a header could be named after.
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
