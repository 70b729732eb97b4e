import { newChain, readLine, tornHash, type AuditHead, type AuditRecord } from './chain.ts';

/** The result of the check of a chain. */
export type AuditVerdict =
  | {
      ok: true;
      /** Absent: there are no records. */
      head?: AuditHead;
      /** Writes that were cut off, each noted by the next record. */
      torn: number;
    }
  /** The first difference from the written chain. `line` counts from 1. */
  | { ok: false; line: number; problem: string };

/**
 * Follows a chain from its first record; lines come without their ends. Records that were cut off at its end leave no
 * trace in it: compare the head with one that was noted elsewhere.
 */
export async function verifyChain(lines: AsyncIterable<string> | Iterable<string>): Promise<AuditVerdict> {
  const walk: Walk = { line: 0, fragments: [], fragmentLine: 0, torn: 0 };
  for await (const text of lines) {
    walk.line += 1;
    const problem = step(walk, text);
    if (problem !== undefined) return { ok: false, ...problem };
  }
  if (walk.fragments.length > 0) return { ok: false, ...unnoted(walk) };
  const { head, torn } = walk;
  return head === undefined ? { ok: true, torn } : { ok: true, head, torn };
}

interface Walk {
  line: number;
  head?: AuditHead;
  /** The last record but one, against which a forged one betrays itself. */
  before?: AuditHead;
  fragments: string[];
  /** Of the first of them. */
  fragmentLine: number;
  torn: number;
}

type Problem = { line: number; problem: string };

function step(walk: Walk, text: string): Problem | undefined {
  const read = readLine(text);
  const expected = (walk.head?.seq ?? 0) + 1;
  if (read.is === 'fragment') {
    if (walk.fragments.length === 0) walk.fragmentLine = walk.line;
    walk.fragments.push(text);
    return undefined;
  }
  if (read.is === 'changed') {
    return walk.fragments.length > 0
      ? unnoted(walk)
      : { line: walk.line, problem: `record ${read.seq ?? expected} was changed` };
  }
  const { record } = read;
  const problem = gap(walk, record);
  if (problem !== undefined) return problem;
  walk.torn += walk.fragments.length;
  walk.fragments = [];
  if (walk.head !== undefined) walk.before = walk.head;
  walk.head = { chain: record.chain, seq: record.seq, hash: record.hash };
  return undefined;
}

/** Returns why a record is not the next one of the chain. */
function gap(walk: Walk, record: AuditRecord): Problem | undefined {
  const { line, fragments } = walk;
  const head = walk.head ?? newChain(record.chain);
  const torn = fragments.length === 0 ? undefined : tornHash(fragments);
  if (torn !== undefined && record.torn !== torn) return unnoted(walk);
  if (record.chain !== head.chain) return { line, problem: `record ${record.seq} belongs to another chain` };
  const problem = outOfPlace(walk, record, head) ?? notFollowing(walk, record, head);
  if (problem !== undefined) return problem;
  return record.torn === torn ? undefined : { line, problem: `what record ${record.seq} notes as cut off was removed` };
}

function outOfPlace({ line, before }: Walk, record: AuditRecord, head: AuditHead): Problem | undefined {
  const { seq, prev, hash } = record;
  if (seq > head.seq + 1) return { line, problem: `${missing(head.seq + 1, seq - 1)} removed or moved` };
  if (seq === head.seq + 1) return undefined;
  // It fits the record before the previous one, which is therefore the inserted one.
  const first = before ?? newChain(record.chain);
  if (seq === head.seq && prev === first.hash && hash !== head.hash) {
    return { line: line - 1, problem: `record ${seq} was inserted` };
  }
  return { line, problem: `record ${seq} was inserted or moved here` };
}

/**
 * The previous record has a correct hash that differs from the one in this record: both were rewritten, or this is the
 * first.
 */
function notFollowing({ line, head: known }: Walk, { seq, prev }: AuditRecord, head: AuditHead): Problem | undefined {
  if (prev === head.hash) return undefined;
  const at = known === undefined ? { line, seq } : { line: line - 1, seq: known.seq };
  return { line: at.line, problem: `record ${at.seq} was changed` };
}

/** A line that is not a record is fine only where the next record notes it. */
function unnoted({ fragmentLine, head }: Walk): Problem {
  const problem = `not a record: record ${(head?.seq ?? 0) + 1} was changed, or this was inserted`;
  return { line: fragmentLine, problem };
}

function missing(from: number, to: number): string {
  return from === to ? `record ${from} was` : `records ${from} to ${to} were`;
}
