import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AegisRemediation, Approval } from '../../crds/remediation.ts';
import { after, anAlert, aRule, aTemplate } from '../../test/builders/objects.ts';
import { Killed, RemediationCluster } from '../../test/fakes/remediation-cluster.ts';
import { decideApproval } from './approval.ts';
import { planRemediation } from '../planning/plan.ts';
import { reconcileRemediation } from '../../controllers/remediation/reconcile.ts';

/** Users and a worker at one attempt for which two users must agree; carol requested it. */
class Office {
  readonly cluster: RemediationCluster;
  /** The attempt as each user has read it, which may be old. */
  readonly seen = new Map<string, AegisRemediation>();
  /** Words that were taken. */
  readonly taken: Approval[] = [];
  seconds = 0;

  constructor() {
    const plan = planRemediation({ alert: anAlert(), rule: aRule(), template: aTemplate(), attempt: 1 });
    if (!plan.ok) throw new Error(plan.message);
    const metadata = { ...plan.remediation.metadata, uid: 'remediation-1', creationTimestamp: '2026-01-02T12:00:00Z' };
    const requestedBy = { username: 'carol', via: 'kubectl' as const };
    const spec = { ...plan.remediation.spec, requestedBy, approval: { required: 2 } };
    this.cluster = new RemediationCluster(anAlert(), { ...plan.remediation, metadata, spec });
  }

  get attempt(): AegisRemediation {
    if (this.cluster.remediation === undefined) throw new Error('the attempt is gone');
    return this.cluster.remediation;
  }

  look(name: string): void {
    this.seen.set(name, this.attempt);
  }

  /** As the API server does it: decided on what was read, stored only if it is still so. */
  say(name: string, decision: Approval['decision']): void {
    const read = this.seen.get(name) ?? this.attempt;
    const { manifestHash } = read.spec;
    const by = { name, groups: [], via: 'kubectl' };
    const decided = decideApproval(read, by, { decision, manifestHash }, after(this.seconds));
    const isCurrent = read.metadata.resourceVersion === this.attempt.metadata.resourceVersion;
    if (decided.outcome !== 'append' || !isCurrent) return;
    this.cluster.say({ approvals: [...(read.status?.approvals ?? []), decided.approval] });
    this.taken.push(decided.approval);
  }

  wait(seconds: number): void {
    this.seconds += seconds;
    this.cluster.now = after(this.seconds);
  }

  /** Runs the reconcile; the worker may die, and users may decide between any two of its steps. */
  async work(killAt: number, meanwhile: () => void): Promise<void> {
    const { namespace = '', name } = this.attempt.metadata;
    const ports = this.cluster.ports();
    const read = ports.readRemediation.bind(ports);
    const interrupted = {
      ...ports,
      readRemediation: async (...key: [string, string]) => {
        const found = await read(...key);
        meanwhile();
        return found;
      },
    };
    this.cluster.killAt(killAt);
    const deadlines = { start: 600_000, grace: 60_000 };
    await reconcileRemediation(interrupted, { deadlines }, { namespace, name }).catch((error: unknown) => {
      const expected = error instanceof Killed || (error as Error).message === 'conflict';
      if (!expected) throw error;
    });
  }
}

type Word = { who: string; does: 'look' | Approval['decision'] };
type Step = { words: Word[] } | { wait: number } | { kill: number; meanwhile: Word[] };

const word: fc.Arbitrary<Word> = fc.record({
  who: fc.constantFrom('alice', 'bob', 'carol', 'dora'),
  does: fc.oneof(
    { weight: 3, arbitrary: fc.constant('look' as const) },
    { weight: 5, arbitrary: fc.constant('Approved' as const) },
    { weight: 1, arbitrary: fc.constant('Rejected' as const) },
  ),
});
const words = fc.array(word, { maxLength: 3 });
const step: fc.Arbitrary<Step> = fc.oneof(
  words.map((list) => ({ words: list })),
  fc.integer({ min: 1, max: 400 }).map((wait) => ({ wait })),
  fc.record({ kill: fc.integer({ min: 1, max: 14 }), meanwhile: words }),
);

function speak(office: Office, list: readonly Word[]): void {
  for (const { who, does } of list) {
    if (does === 'look') office.look(who);
    else office.say(who, does);
  }
}

async function play(steps: readonly Step[]): Promise<Office> {
  const office = new Office();
  for (const one of steps) {
    if ('words' in one) speak(office, one.words);
    else if ('wait' in one) office.wait(one.wait);
    else {
      await office.work(one.kill, () => {
        speak(office, one.meanwhile);
      });
    }
  }
  for (let run = 0; run < 3; run += 1) await office.work(Number.MAX_SAFE_INTEGER, () => undefined);
  return office;
}

describe('the approval of an attempt with any order of users and workers', () => {
  it('an attempt that ran was approved by two other users in time, and no user whose decision was accepted had rejected it', async () => {
    let ran = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (steps) => {
        const { cluster, taken, attempt, seconds } = await play(steps);
        expect(attempt.status?.approvals ?? []).toEqual(taken);
        const approvals = taken.filter(({ decision }) => decision === 'Approved');
        const approvers = new Set(approvals.map(({ user }) => user));
        expect(approvers.has('carol')).toBe(false);
        const rejected = taken.some(({ decision }) => decision === 'Rejected');
        expect(approvals.every(({ time }) => time < '2026-01-02T12:15:00Z')).toBe(true);
        expect(cluster.created).toBe(!rejected && approvers.size >= 2 ? 1 : 0);
        ran += cluster.created;
        if (rejected) expect(attempt.status?.phase).toBe('Rejected');
        else if (approvers.size < 2) expect(attempt.status?.phase).toBe(seconds < 900 ? 'AwaitingApproval' : 'Expired');
      }),
      { numRuns: 1_000 },
    );
    expect(ran).toBeGreaterThan(50);
  });
});
