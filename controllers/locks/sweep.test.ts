import { beforeEach, describe, expect, it } from '@jest/globals';
import type { AegisRemediation, RemediationStatus } from '../../crds/remediation.ts';
import type { Workflow } from '../../crds/workflow.ts';
import { aRemediation, aWorkflow, noon } from '../../test/builders/objects.ts';
import { fakeCaches } from '../../test/fakes/caches.ts';
import { LeaseApi } from '../../test/fakes/lease-api.ts';
import { createLockHolders } from './lock-holders.ts';
import { lockLease } from './lock-lease.ts';
import { lockSweep } from './sweep.ts';

let api: LeaseApi;
let attempts: AegisRemediation[];
let workflows: Workflow[];
let monotonicMs: number;
let sweep: ReturnType<typeof lockSweep>;

function attempt(status: RemediationStatus = {}): AegisRemediation {
  return aRemediation({
    metadata: { name: 'one', uid: 'u1' },
    spec: { target: { kind: 'Node', name: 'dev1' } },
    status,
  });
}

/** Sweeps with a cache that shows these attempts. */
async function run(cached: AegisRemediation[] = []): Promise<void> {
  const caches = fakeCaches({ remediations: cached, workflows });
  const find = ({ name }: { name: string }) => Promise.resolve(attempts.find(({ metadata }) => metadata.name === name));
  const before = createLockHolders({ caches, remediations: { find } });
  Object.assign(holders, before);
  await sweep();
}
const holders = {} as ReturnType<typeof createLockHolders>;

beforeEach(async () => {
  api = new LeaseApi();
  [attempts, workflows, monotonicMs] = [[], [], 0];
  const clock = { now: () => noon, monotonicMs: () => monotonicMs };
  sweep = lockSweep({ leases: api, namespace: 'aegis', holders, clock, logger: { info: () => undefined } });
  await api.create(lockLease(attempt(), { lock: 'node/dev1', namespace: 'aegis', now: noon }));
});

const isHeld = () => api.stored.size === 1;

describe('the sweep of locks', () => {
  it.each<[string, AegisRemediation[]]>([
    ['is gone', []],
    ['has ended', [attempt({ phase: 'Failed' })]],
    ['is another object of that name', [aRemediation({ metadata: { name: 'one', uid: 'later' } })]],
  ])('F11: the sweep frees a lock whose holder %s, also when no attempt waits for the lock', async (_, found) => {
    attempts = found;
    await run();
    expect(isHeld()).toBe(false);
  });

  it.each<RemediationStatus>([{ phase: 'Submitted' }, { phase: 'Running' }, { phase: 'Verifying' }])(
    'the sweep leaves a lock whose holder acts with status %j for any time',
    async (status) => {
      attempts = [attempt(status)];
      for (const cached of [[], attempts]) {
        await run(cached);
        monotonicMs += 3_600_000;
        await run(cached);
        expect(isHeld()).toBe(true);
      }
    },
  );

  it('the sweep leaves a lock whose holder has ended while its Workflow runs', async () => {
    const labels = { 'aegis.io/remediation': 'one', 'aegis.io/remediation-namespace': 'monitoring' };
    workflows = [aWorkflow({ phase: 'Running' }, { labels })];
    await run();
    expect(isHeld()).toBe(true);
  });

  it('F12: the sweep frees a lock whose holder has waited for another gate for a minute', async () => {
    attempts = [attempt({ phase: 'Blocked', reason: 'Paused' })];
    await run(attempts);
    monotonicMs = 59_999;
    await run(attempts);
    expect(isHeld()).toBe(true);
    monotonicMs = 60_000;
    await run(attempts);
    expect(isHeld()).toBe(false);
  });

  it('the sweep restarts the minute when the holder acquires its lock again', async () => {
    attempts = [attempt()];
    await run();
    monotonicMs = 59_000;
    const [lease] = api.stored.values();
    if (lease !== undefined) await api.replace(lease);
    await run();
    monotonicMs = 61_000;
    await run();
    expect(isHeld()).toBe(true);
  });

  it('the sweep leaves a lock that is acquired at the same moment', async () => {
    const remove = api.delete.bind(api);
    api.delete = async (key, options) => {
      const [lease] = api.stored.values();
      if (lease !== undefined) await api.replace(lease);
      return remove(key, options);
    };
    await run();
    expect(isHeld()).toBe(true);
  });
});
