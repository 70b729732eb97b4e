import type { IncomingMessage } from 'node:http';
import type { FrontProxyConfig } from './front-proxy-config.ts';
import type { User } from './user.ts';

/** `[name, value]` pairs as they came over the wire. */
type HeaderList = readonly (readonly [string, string])[];

/**
 * Who the front proxy says it is that asks; undefined when it does not, or not readably. Only for a request that came
 * over a connection of the front proxy. Values are taken as they are: a comma in a group is part of its name.
 */
export function identityOf(rawHeaders: readonly string[], config: FrontProxyConfig): User | undefined {
  const headers = pairs(rawHeaders);
  try {
    const name = firstValue(headers, config.usernameHeaders);
    if (name === '') return undefined;
    const groups = config.groupHeaders
      .flatMap((header) => valuesOf(headers, header))
      .filter((value) => value !== '')
      .map(utf8);
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
    const [value = ''] = valuesOf(headers, header);
    if (value !== '') return utf8(value);
  }
  return '';
}

function valuesOf(headers: HeaderList, wanted: string): string[] {
  return headers.filter(([name]) => name === wanted).map(([, value]) => value);
}

function extraOf(headers: HeaderList, prefixes: readonly string[]): User['extra'] {
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
  try {
    return decoder.decode(Buffer.from(value, 'latin1'));
  } catch (cause) {
    throw new UnreadableError('a header is not UTF-8', { cause });
  }
}

/** Takes off everything that proves who somebody is, so that nothing behind this can log it or pass it on. */
export function stripIdentity(request: IncomingMessage, config: FrontProxyConfig): void {
  const secret = new Set([
    'authorization',
    'proxy-authorization',
    'cookie',
    ...config.usernameHeaders,
    ...config.groupHeaders,
    ...config.uidHeaders,
  ]);
  const kept = pairs(request.rawHeaders).filter(
    ([name]) =>
      !secret.has(name) &&
      !name.startsWith('x-remote-') &&
      !config.extraPrefixes.some((prefix) => name.startsWith(prefix)),
  );
  request.rawHeaders = kept.flat();
  request.headers = Object.fromEntries(
    [...Map.groupBy(kept, ([name]) => name)].map(([name, all]) => [name, all.map(([, value]) => value).join(', ')]),
  );
}

function pairs(rawHeaders: readonly string[]): HeaderList {
  const list: [string, string][] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    list.push([(rawHeaders[index] ?? '').toLowerCase(), rawHeaders[index + 1] ?? '']);
  }
  return list;
}
