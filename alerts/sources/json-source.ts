import { createHash, timingSafeEqual } from 'node:crypto';
import { parseJsonBytes } from '../../lib/json.ts';
import type { Authentication, ReadBody, SenderRequest, SenderSecret, SenderSecrets, Source } from './source.ts';

/** Media types of JSON. `curl -d` sends "form" by default, and users of the original send its examples that way. */
export const jsonContentTypes = ['application/json', 'application/x-www-form-urlencoded'] as const;

/** Decodes a body as JSON; text that is not UTF-8 is accepted, since an alert with a broken annotation is an alert. */
export function readJson(raw: Buffer): ReadBody {
  const parsed = parseJsonBytes(raw);
  return parsed.ok ? { ok: true, body: parsed.value } : parsed;
}

/** Authenticates a sender by a bearer token; without configured tokens every sender is accepted. */
export async function bearerToken(
  { headers, namespace }: Pick<SenderRequest, 'headers' | 'namespace'>,
  secrets: SenderSecrets | undefined,
): Promise<Authentication> {
  if (secrets === undefined) return { ok: true };
  const presented = /^bearer +(\S+) *$/i.exec(String(headers['authorization'] ?? ''))?.[1];
  if (presented === undefined) return { ok: false, reason: 'TokenRequired', message: 'a bearer token is required' };
  const digest = createHash('sha256').update(presented).digest();
  // Every token is compared, so that the time reveals nothing.
  const [token] = (await secrets.all()).filter((secret) => timingSafeEqual(secret.digest, digest));
  if (token === undefined) return { ok: false, reason: 'TokenUnknown', message: 'the token is not known' };
  return mayPublish(token, namespace);
}

/** Authorizes the holder of a secret to publish to a namespace. */
export function mayPublish({ namespaces }: SenderSecret, namespace: string): Authentication {
  if (namespaces.length === 0 || namespaces.includes(namespace)) return { ok: true };
  return { ok: false, reason: 'NamespaceForbidden', message: 'the token may not publish to this namespace' };
}

/** Defaults of a source that takes JSON from senders with bearer tokens. */
export const jsonSource = {
  contentTypes: jsonContentTypes,
  authenticate: bearerToken,
  read: readJson,
} satisfies Partial<Source>;
