import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anAuditChain, anAuditEntry } from '../../test/builders/audit.ts';
import { nextLine, readLine, type AuditRecord } from './chain.ts';
import { verifyChain } from './verify.ts';

const chain = anAuditChain(8);

function at(seq: number): string {
  return chain[seq - 1] ?? '';
}

function recordAt(seq: number): AuditRecord {
  const read = readLine(at(seq));
  if (read.is !== 'record') throw new Error('not a record');
  return read.record;
}

describe('the check of a chain', () => {
  it('the check of a chain finds nothing in a chain that was only appended to', async () => {
    expect(await verifyChain(chain)).toEqual({ ok: true, torn: 0, head: expect.objectContaining({ seq: 8 }) });
    expect(await verifyChain([])).toEqual({ ok: true, torn: 0 });
  });

  it('the check of a chain names the record that was removed, also the first', async () => {
    expect(await verifyChain(chain.toSpliced(3, 1))).toEqual({
      ok: false,
      line: 4,
      problem: 'record 4 was removed or moved',
    });
    expect(await verifyChain(chain.slice(2))).toEqual({
      ok: false,
      line: 1,
      problem: 'records 1 to 2 were removed or moved',
    });
  });

  it('the check of a chain names the record that was changed', async () => {
    const changed = at(4).replace('decision 4', 'decision 5');
    expect(await verifyChain(chain.with(3, changed))).toEqual({ ok: false, line: 4, problem: 'record 4 was changed' });
  });

  it('the check of a chain names the record that was changed together with its hash', async () => {
    const { chain: id, seq, prev } = recordAt(4);
    const { line } = nextLine(anAuditEntry('forged'), { chain: id, seq: seq - 1, hash: prev });
    expect(await verifyChain(chain.with(3, line))).toEqual({ ok: false, line: 4, problem: 'record 4 was changed' });
  });

  it('the check of a chain names the record that was inserted, be it a copy or one that fits the record before it', async () => {
    expect(await verifyChain(chain.toSpliced(5, 0, at(2)))).toEqual({
      ok: false,
      line: 6,
      problem: 'record 2 was inserted or moved here',
    });
    const { line } = nextLine(anAuditEntry('forged'), recordAt(5));
    expect(await verifyChain(chain.toSpliced(5, 0, line))).toEqual({
      ok: false,
      line: 6,
      problem: 'record 6 was inserted',
    });
  });

  it('the check of a chain names the first of two records that changed places', async () => {
    expect(await verifyChain(chain.with(2, at(4)).with(3, at(3)))).toMatchObject({
      ok: false,
      line: 3,
      problem: 'record 3 was removed or moved',
    });
  });

  it('the check of a chain finds a duplicate field', async () => {
    const doubled = at(4).replace('{', '{"reason":"Harmless",');
    expect(await verifyChain(chain.with(3, doubled))).toMatchObject({ ok: false, line: 4 });
  });

  it('the check of a chain accepts a line that was cut off and noted, and no other line that is not a record', async () => {
    const fragment = at(4).slice(0, 50);
    const noted = nextLine(anAuditEntry(), recordAt(3), [fragment]).line;
    expect(await verifyChain([...chain.slice(0, 3), fragment, noted])).toMatchObject({ ok: true, torn: 1 });
    expect(await verifyChain([...chain.slice(0, 3), noted])).toMatchObject({ ok: false, line: 4 });
    expect(await verifyChain(chain.with(3, fragment))).toMatchObject({ ok: false, line: 4 });
    expect(await verifyChain(chain.toSpliced(3, 0, 'hello'))).toMatchObject({ ok: false, line: 4 });
    expect(await verifyChain([...chain, fragment])).toMatchObject({ ok: false, line: 9 });
  });

  it('the check of a chain finds the first place at which any chain differs from the written one', async () => {
    const index = fc.nat({ max: chain.length - 1 });
    const edit = fc.record({
      how: fc.constantFrom('remove', 'change', 'copy', 'swap'),
      from: index,
      to: index,
      column: fc.nat(),
    });
    await fc.assert(
      fc.asyncProperty(edit, async ({ how, from, to, column }) => {
        const line = chain[from] ?? '';
        const place = column % line.length;
        const edited =
          how === 'remove'
            ? chain.toSpliced(from, 1)
            : how === 'change'
              ? chain.with(from, `${line.slice(0, place)}~${line.slice(place + 1)}`)
              : how === 'copy'
                ? chain.toSpliced(to, 0, line)
                : chain.with(from, chain[to] ?? '').with(to, line);
        const first = edited.findIndex((text, n) => text !== chain[n]);
        // Records that were cut off at the end leave no trace in the rest.
        const isPrefix = first === -1;
        const verdict = await verifyChain(edited);
        expect(verdict.ok).toBe(isPrefix);
        if (!verdict.ok) expect(verdict.line).toBe(first + 1);
      }),
      { numRuns: 500 },
    );
  });
});
