import { describe, expect, it } from '@jest/globals';
import { runEverything, type Parts, type Totals } from './everything.ts';

const passed = (count: number): Totals => ({ passed: count, failed: 0, skipped: 0 });

/** Parts that note when they begin; `changes` replaces some of them. */
function partsThatNote(changes: Partial<Parts> = {}) {
  const noted: string[] = [];
  const note =
    <T>(what: string, result: T) =>
    () => {
      noted.push(what);
      return Promise.resolve(result);
    };
  const parts: Parts = {
    verify: note('verify', true),
    unit: note('unit', passed(1)),
    prepare: note('prepare', undefined),
    onServers: [[note('integration', passed(10)), note('node', passed(100))], [note('crash', passed(1_000))]],
    report: (problem) => noted.push(problem),
    ...changes,
  };
  return { noted, parts };
}

describe('npm test', () => {
  it('npm test starts no test on a server before the programs of the servers are built', async () => {
    const ready = Promise.withResolvers<undefined>();
    const { noted, parts } = partsThatNote({ prepare: () => ready.promise });
    const running = runEverything(parts);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(noted).toEqual(['verify', 'unit']);
    ready.resolve(undefined);
    expect(await running).toEqual(passed(1_111));
    expect(noted).toEqual(['verify', 'unit', 'integration', 'node', 'crash']);
  });

  it('npm test fails without the tests on servers when a program cannot be built', async () => {
    const { noted, parts } = partsThatNote({ prepare: () => Promise.reject(new Error('no network')) });
    expect(await runEverything(parts)).toEqual({ passed: 1, failed: 1, skipped: 0 });
    expect(noted).toEqual(['verify', 'unit', expect.stringContaining('no network')]);
  });

  it('npm test counts a failed verification as one failure', async () => {
    const { noted, parts } = partsThatNote({ verify: () => Promise.resolve(false) });
    expect(await runEverything(parts)).toEqual({ passed: 1_111, failed: 1, skipped: 0 });
    expect(noted).toContain('verify failed, see above');
  });
});
