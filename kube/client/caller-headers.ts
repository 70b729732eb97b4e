import { ApiError } from './api-error.ts';

/** The user that a request impersonates; the sender needs the verb `impersonate` on every part. */
export interface Impersonation {
  readonly user: string;
  readonly uid?: string | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly extra?: Readonly<Record<string, readonly string[]>> | undefined;
}

export interface CallerHeaders {
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly impersonate?: Impersonation | undefined;
}

/**
 * Returns the headers of one request, names in lower case.
 *
 * @throws ApiError for a value that no header can hold unchanged: the API server would judge another user
 */
export function callerHeaders({ headers = {}, impersonate }: CallerHeaders): Record<string, string | string[]> {
  const own: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) own[additionalName(name)] = headerValue(name, value);
  return impersonate === undefined ? own : { ...own, ...impersonationHeaders(impersonate) };
}

function impersonationHeaders({
  user,
  uid,
  groups = [],
  extra = {},
}: Impersonation): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = { 'impersonate-user': nameValue('impersonate-user', user) };
  if (uid !== undefined) headers['impersonate-uid'] = nameValue('impersonate-uid', uid);
  if (groups.length > 0) headers['impersonate-group'] = groups.map((group) => nameValue('impersonate-group', group));
  for (const [key, values] of Object.entries(extra)) {
    if (key === '') throw unusable('a key of the extra fields of an impersonated user is empty');
    const name = `impersonate-extra-${escapedKey(key)}`;
    if (values.length > 0) headers[name] = values.map((value) => headerValue(name, value));
  }
  return headers;
}

/** Returns the name in lower case; only the credentials and `impersonate` may set headers that identify the caller. */
function additionalName(name: string): string {
  const lower = name.toLowerCase();
  if (lower === 'authorization' || lower.startsWith('impersonate-') || !/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(lower)) {
    throw unusable(`${JSON.stringify(name)} cannot be set as an additional header`);
  }
  return lower;
}

/** Returns a header value that must not be empty: the API server ignores an empty one. */
function nameValue(name: string, value: string): string {
  if (value === '') throw unusable(`the header ${name} needs a value`);
  return headerValue(name, value);
}

/** HTTP trims spaces at both ends; undici writes each character as one byte, so that UTF-8 is passed byte by byte. */
function headerValue(name: string, value: string): string {
  if (/[\u0000-\u001f\u007f]/.test(value) || value !== value.trim() || !value.isWellFormed()) {
    throw unusable(`the header ${name} cannot hold ${JSON.stringify(value)}`);
  }
  return Buffer.from(value, 'utf8').toString('latin1');
}

/** The API server lowers the case of a key before it decodes it, so that upper-case letters are encoded as well. */
function escapedKey(key: string): string {
  if (!key.isWellFormed()) throw unusable(`${JSON.stringify(key)} cannot be a key of extra fields`);
  return Array.from(Buffer.from(key, 'utf8'), (byte) => {
    const character = String.fromCharCode(byte);
    if (/[!#$&'*+.^_`|~0-9a-z-]/.test(character)) return character;
    return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}

function unusable(message: string): ApiError {
  return new ApiError({ status: 0, reason: 'InvalidHeader', message, retry: { kind: 'terminal' } });
}
