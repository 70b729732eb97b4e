import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { IncomingAlert } from '../../alerts/incoming.ts';
import { AlertApi } from '../../test/ingest/fakes/alert-api.ts';
import { alertOf, Replica } from '../../test/ingest/fakes/replica.ts';

/** All orders of a list. */
function permutations<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, index) => permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));
}

const story = [
  alertOf('Firing', { start: 1 }),
  alertOf('Resolved', { start: 1, end: 2 }),
  alertOf('Firing', { start: 3 }),
];

describe('firing, resolved, firing', () => {
  it.each(permutations([0, 1, 2]))(
    'firing, resolved, firing leaves the alert firing when it arrives in the order %i, %i, %i',
    async (...order) => {
      const api = new AlertApi();
      const replica = new Replica(api);
      for (const index of order) await replica.record(story[index]!);
      await replica.flush();
      expect(api.open()).toHaveLength(1);
    },
  );

  it('firing, resolved, firing leaves the alert firing in any order, over any replicas, with repeats and lagging watches', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray([0, 1, 2, 0, 1, 2], { minLength: 6 }),
        fc.array(fc.record({ replica: fc.nat(2), sync: fc.nat(2) }), { minLength: 6, maxLength: 6 }),
        async (order, steps) => {
          const api = new AlertApi();
          const replicas = [new Replica(api), new Replica(api), new Replica(api)];
          for (const [step, index] of order.entries()) {
            const { replica, sync } = steps[step]!;
            replicas[replica]!.sync(sync);
            await replicas[replica]!.record(story[index]!);
            expect(api.open().length).toBeLessThanOrEqual(1);
          }
          for (const replica of replicas) await replica.flush();
          expect(api.open()).toHaveLength(1);
        },
      ),
    );
  });
});

/** One thing that happens to the alert, told to some of the replicas at once, some of them repeatedly. */
interface Step {
  status: 'Firing' | 'Resolved';
  tellTo: number[];
  /** How many events the watch of each replica shows before. */
  sync: number[];
  flush: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  status: fc.constantFrom('Firing' as const, 'Resolved' as const),
  tellTo: fc.array(fc.nat(2), { minLength: 1, maxLength: 4 }),
  sync: fc.array(fc.nat(3), { minLength: 3, maxLength: 3 }),
  flush: fc.boolean(),
});

/** The alert as a model: it fires or not, and each change is a new episode or its end. */
async function play(steps: readonly Step[], timed: boolean): Promise<void> {
  const api = new AlertApi();
  const replicas = [new Replica(api), new Replica(api), new Replica(api)];
  let fires = false;
  let episodes = 0;
  let startedAt: number | undefined;
  let second = 0;
  for (const { status, tellTo, sync, flush } of steps) {
    second += 1;
    for (const [index, replica] of replicas.entries()) {
      replica.now = new Date(replica.now.getTime() + 1000);
      replica.sync(sync[index]);
    }
    if (status === 'Firing' && !fires) {
      episodes += 1;
      startedAt = second;
    }
    const times = status === 'Firing' ? { start: startedAt } : { start: startedAt ?? second, end: second };
    const alert: IncomingAlert = alertOf(status, timed ? (times as { start: number }) : {});
    fires = status === 'Firing';
    const results = await Promise.all(tellTo.map((index) => replicas[index]!.record(alert)));
    expect(results.map(({ outcome }) => outcome)).not.toContain('rejected');
    expect(api.open().length).toBeLessThanOrEqual(1);
    if (flush) await Promise.all(replicas.map((replica) => replica.flush()));
    expect(api.open().length).toBeLessThanOrEqual(1);
  }
  for (const replica of replicas) replica.sync();
  for (const replica of replicas) await replica.flush();
  expect(api.open()).toHaveLength(fires ? 1 : 0);
  expect(api.objects.size).toBeLessThanOrEqual(episodes);
}

describe('several replicas with watches that lag', () => {
  it('replicas with lagging watches agree on one open episode and lose none', async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 12 }), fc.boolean(), play), { numRuns: 500 });
  });
});
