import { hash } from 'node:crypto';

const maxFingerprint = 256;

/** A sender's own fingerprint within bounds; undefined when it gave none. */
export function readFingerprint(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const text = String(value).toWellFormed();
  if (text.trim() === '') return undefined;
  // Cutting would make different fingerprints equal.
  return text.length <= maxFingerprint ? text : `sha256:${sha256(text)}`;
}

/** A fingerprint of things that identify an alert, whatever the order of the entries of a map. */
export function fingerprintOf(parts: readonly (string | Readonly<Record<string, string>>)[]): string {
  const canonical = parts.map((part) => (typeof part === 'string' ? part : Object.entries(part).sort(byKey)));
  return `sha256:${sha256(JSON.stringify(canonical))}`;
}

/**
 * The key that all episodes of one alert share, as a label value: 63 hex digits.
 *
 * @param tenant for whom the alert is: the namespace that was asked for, whether or not it exists
 */
export function dedupKey(source: string, tenant: string, fingerprint: string): string {
  return sha256(JSON.stringify([source, tenant, fingerprint])).slice(0, 63);
}

function sha256(text: string): string {
  return hash('sha256', text);
}

function byKey([a]: [string, string], [b]: [string, string]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
