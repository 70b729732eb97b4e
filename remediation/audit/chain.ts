import { canonicalJson, manifestHash } from '../render/manifest.ts';
import type { AuditEntry } from './record.ts';

/** The end of a chain. */
export interface AuditHead {
  /** Names the chain; one file holds one. */
  readonly chain: string;
  /** The sequence number of its last record; 0 before the first. */
  readonly seq: number;
  /** The hash of its last record. */
  readonly hash: string;
}

/** One decision in its place in the chain. */
export type AuditRecord = AuditEntry &
  AuditHead & {
    /** The hash of the previous record. */
    readonly prev: string;
    /** The digest of the bytes between the previous record and this one: a write that was cut off. */
    readonly torn?: string;
  };

/** A parsed line of an audit file. */
export type AuditLine =
  | { is: 'record'; record: AuditRecord }
  /** Not JSON: a write that was cut off, or a record that was changed. */
  | { is: 'fragment' }
  /** JSON that differs from the written record. */
  | { is: 'changed'; seq?: number };

/** The digest that the first record names as the one before it. */
const nothing = `sha256:${'0'.repeat(64)}`;

/** The head of a chain without records. */
export function newChain(chain: string): AuditHead {
  return { chain, seq: 0, hash: nothing };
}

/** Returns the record that follows the head, as one line without its end; the same decision twice gives two records. */
export function nextLine(
  entry: AuditEntry,
  head: AuditHead,
  fragments: readonly string[] = [],
): { line: string; head: AuditHead } {
  const torn = fragments.length === 0 ? {} : { torn: tornHash(fragments) };
  const content = { ...entry, ...torn, chain: head.chain, seq: head.seq + 1, prev: head.hash };
  const hash = manifestHash(canonicalJson(content));
  return { line: canonicalJson({ ...content, hash }), head: { chain: head.chain, seq: head.seq + 1, hash } };
}

/** Parses a line; only exactly the text that was written is a record. */
export function readLine(line: string): AuditLine {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { is: 'fragment' };
  }
  if (typeof value !== 'object' || value === null) return { is: 'fragment' };
  const { hash, ...content } = value as Partial<AuditRecord>;
  const isWhole = typeof content.seq === 'number' && typeof content.chain === 'string';
  if (isWhole && hash === manifestHash(canonicalJson(content)) && line === canonicalJson(value)) {
    return { is: 'record', record: value as AuditRecord };
  }
  return { is: 'changed', ...(typeof content.seq === 'number' && { seq: content.seq }) };
}

/** Returns the digest of the leftovers of interrupted writes. */
export function tornHash(fragments: readonly string[]): string {
  return manifestHash(fragments.join('\n'));
}
