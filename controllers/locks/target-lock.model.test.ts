import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AegisRemediation, RemediationStatus } from '../../crds/remediation.ts';
import { ApiError } from '../../kube/client/api-error.ts';
import type { Acquirable } from '../../remediation/locks/acquire.ts';
import type { RemediationFacts } from '../../remediation/decision/facts.ts';
import { aRemediation, noon } from '../../test/builders/objects.ts';
import { LeaseApi } from '../../test/fakes/lease-api.ts';
import { lockSweep } from './sweep.ts';
import { createLockHolders } from './lock-holders.ts';
import { targetLock } from '../../remediation/locks/target-lock.ts';
import { createLockMemory, createTargetLock } from './target-lock.ts';

/** The actions of a worker before it is killed or stops working on the attempt. */
type Fate = 'ends' | 'dies holding' | 'dies before it lets go' | 'fails to submit' | 'is deleted';

interface Run {
  attempt: number;
  worker: number;
  fate: Fate;
}

const run: fc.Arbitrary<Run> = fc.record({
  attempt: fc.integer({ min: 0, max: 3 }),
  worker: fc.integer({ min: 0, max: 2 }),
  fate: fc.constantFrom<Fate>('ends', 'dies holding', 'dies before it lets go', 'fails to submit', 'is deleted'),
});

const spec = { target: { kind: 'Node', name: 'dev1' } };

/** Four attempts upon one node, whose objects three workers see through caches that may lag. */
class Cluster {
  readonly api: LeaseApi;
  readonly acting = new Set<string>();
  readonly #attempts = new Map<string, AegisRemediation>();
  readonly #cached: ReadonlyMap<string, AegisRemediation>;
  readonly #wait: () => Promise<void>;

  constructor(wait: () => Promise<void>, cacheIsCurrent: boolean) {
    this.#wait = wait;
    this.api = new LeaseApi(wait);
    for (let index = 0; index < 4; index += 1) this.write(index, {});
    this.#cached = cacheIsCurrent ? this.#attempts : new Map(this.#attempts);
  }

  attempt(index: number): AegisRemediation | undefined {
    return this.#attempts.get(`a${index}`);
  }

  write(index: number, status: RemediationStatus | undefined): void {
    if (status === undefined) this.#attempts.delete(`a${index}`);
    else
      this.#attempts.set(
        `a${index}`,
        aRemediation({ metadata: { name: `a${index}`, uid: `u${index}` }, spec, status }),
      );
  }

  holders() {
    const none = { list: () => [], byIndex: () => [], get: () => undefined };
    const remediations = { ...none, get: (_: string | undefined, name: string) => this.#cached.get(name) };
    const find = async ({ name }: { name: string }) => {
      await this.#wait();
      const found = this.#attempts.get(name);
      await this.#wait();
      return found;
    };
    return createLockHolders({ caches: { remediations, workflows: none }, remediations: { find } });
  }

  worker(): Acquirable {
    return createTargetLock({
      kind: targetLock,
      leases: this.api,
      namespace: 'aegis',
      holders: this.holders(),
      memory: createLockMemory(),
      now: () => noon,
    });
  }
}

/** Every way through which an attempt may go, with the same order of steps as the reconcile. */
async function bring(cluster: Cluster, lock: Acquirable, wait: () => Promise<void>, { attempt: index, fate }: Run) {
  const attempt = cluster.attempt(index);
  if (attempt === undefined || attempt.status?.phase !== undefined) return;
  const { name } = attempt.metadata;
  if ((await lock.acquire({ remediation: attempt } as RemediationFacts)) !== undefined) return;
  if (fate === 'dies holding') return;
  if (fate === 'fails to submit') {
    await lock.release(attempt, 'unused');
    return;
  }
  cluster.acting.add(name);
  cluster.write(index, { phase: 'Running' });
  expect([...cluster.acting]).toEqual([name]);
  await wait();
  expect([...cluster.acting]).toEqual([name]);
  cluster.acting.delete(name);
  cluster.write(index, fate === 'is deleted' ? undefined : { phase: 'Succeeded' });
  if (fate === 'ends') await lock.release(attempt, 'used');
}

/** Conflicts are for the queue to try again. */
async function unlessConflict(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
}

it('a lock never lets two attempts act at once, and leaves nothing behind, in any order of requests and deaths of workers', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(run, { minLength: 2, maxLength: 12 }),
      fc.boolean(),
      async (s, runs, current) => {
        const wait = async (): Promise<void> => s.schedule(Promise.resolve());
        const cluster = new Cluster(wait, current);
        const workers = [cluster.worker(), cluster.worker(), cluster.worker()];
        const busy = new Map<number, Promise<void>>();
        let monotonicMs = 0;
        const sweep = lockSweep({
          ...{ leases: cluster.api, namespace: 'aegis', holders: cluster.holders(), logger: { info: () => undefined } },
          clock: { monotonicMs: () => monotonicMs },
        });
        const all = runs.map((one) => {
          // One attempt is only ever in one worker's hands at a time.
          const before = busy.get(one.attempt) ?? Promise.resolve();
          const work = before.then(() => unlessConflict(bring(cluster, workers[one.worker] as Acquirable, wait, one)));
          busy.set(one.attempt, work);
          return work;
        });
        await s.waitFor(Promise.all([...all, sweep()]));
        for (const passed of [0, 60_000]) {
          monotonicMs += passed;
          await s.waitFor(sweep());
        }
        expect([...cluster.api.stored.values()]).toEqual([]);
      },
    ),
    { numRuns: 500 },
  );
});
