import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { toTime } from '../../crds/conditions.ts';
import { isTerminal, type AegisRemediation, type Approval } from '../../crds/remediation.ts';
import type { RemediationPolicySpec } from '../../crds/remediation-policy.ts';
import { done, onNode } from '../../test/builders/gates.ts';
import { anAlert, aPolicy, noon } from '../../test/builders/objects.ts';
import { planned, reconcileUntilDone } from '../../test/fakes/remediation-run.ts';
import { RemediationCluster } from '../../test/fakes/remediation-cluster.ts';
import { decideApproval } from '../../remediation/approval/approval.ts';

const minuteMs = 60_000;
const breaker = { failures: 2, openForMs: 30 * minuteMs };
const cooldownMs = 10 * minuteMs;
/** Work never starts between these; UTC. */
const closed = { start: '12:30', end: '13:00' };

/** The conditions that hold an attempt back, in the simplest words of a user. */
interface Model {
  paused: boolean;
  unreadable: boolean;
  dryRunOnly: boolean;
  silencedUntil: number;
  /** Whether something else acts on the node. */
  busy: boolean;
  /** When something else stopped acting upon it. */
  lastActed: number;
  /** The results of other attempts of the rule, in their order. */
  outcomes: { failed: boolean; at: number }[];
  approvers: Set<string>;
  /** Approvers whose permission was revoked. */
  revoked: Set<string>;
}

type Deed =
  | 'resolve'
  | 'delete alert'
  | 'cancel'
  | 'pause'
  | 'resume'
  | 'spoil policy'
  | 'mend policy'
  | 'allow dry runs only'
  | 'allow all'
  | 'silence'
  | 'begin elsewhere'
  | 'end elsewhere'
  | 'another fails'
  | 'another succeeds'
  | 'replace node'
  | { ends: 'Succeeded' | 'Failed' | 'Error' }
  | { says: Approval['decision']; who: string }
  | { revoke: string }
  | { waitMinutes: number };

/** One attempt on node dev1 that some users must approve, and all objects around it. */
class Cluster {
  readonly cluster: RemediationCluster;
  readonly model: Model = {
    ...{ paused: false, unreadable: false, dryRunOnly: false, busy: false },
    ...{ silencedUntil: 0, lastActed: Number.NEGATIVE_INFINITY },
    ...{ outcomes: [], approvers: new Set(), revoked: new Set() },
  };
  readonly required: number;
  #others: AegisRemediation[] = [];

  constructor(required: number) {
    this.required = required;
    const remediation = planned();
    const approval = required > 0 ? { approval: { required } } : {};
    const spec = { ...remediation.spec, ...approval, target: { kind: 'Node', name: 'dev1', uid: 'node-1' } };
    this.cluster = new RemediationCluster(anAlert(), { ...remediation, spec });
    this.cluster.nodes = [{ apiVersion: 'v1', kind: 'Node', metadata: { name: 'dev1', uid: 'node-1' } }];
    this.#refresh();
  }

  get phase(): string | undefined {
    return this.cluster.remediation?.status?.phase;
  }

  get isOver(): boolean {
    return isTerminal(this.cluster.remediation?.status?.phase);
  }

  get #now(): number {
    return this.cluster.now.getTime();
  }

  /** Whether nothing speaks against its Workflow now; what is over by then is over. */
  get mayRun(): boolean {
    const { approvers, revoked } = this.model;
    const counting = [...approvers].filter((who) => !revoked.has(who)).length;
    return this.#isWanted() && !this.#isHeld() && counting >= Math.max(this.required, this.#wantedByBreaker());
  }

  #isWanted(): boolean {
    const { alert, nodes } = this.cluster;
    return alert?.spec.status === 'Firing' && nodes[0]?.metadata.uid === 'node-1';
  }

  #isHeld(): boolean {
    const { paused, unreadable, dryRunOnly, silencedUntil, busy, lastActed } = this.model;
    const time = this.cluster.now.toISOString().slice(11, 16);
    const isClosed = closed.start <= time && time < closed.end;
    const isFresh = Math.max(silencedUntil, lastActed + cooldownMs) > this.#now;
    return paused || unreadable || dryRunOnly || isClosed || busy || isFresh;
  }

  /** Returns how many approvals the breaker requires: more than there are users while it is open, one when it is half-open. */
  #wantedByBreaker(): number {
    const { outcomes } = this.model;
    const failures = outcomes.slice(outcomes.findLastIndex(({ failed }) => !failed) + 1);
    if (failures.length < breaker.failures) return 0;
    return this.#now < (failures.at(-1)?.at ?? 0) + breaker.openForMs ? Number.POSITIVE_INFINITY : 1;
  }

  does(deed: Deed): void {
    const { model, cluster } = this;
    const deeds: Record<Extract<Deed, string>, () => void> = {
      resolve: () => void (cluster.alert &&= anAlert({ spec: { status: 'Resolved' } })),
      'delete alert': () => void (cluster.alert = undefined),
      cancel: () => {
        const cancellation = { user: 'jane', via: 'kubectl', time: toTime(cluster.now) };
        if (!this.isOver) cluster.say({ cancellation });
      },
      pause: () => void (model.paused = true),
      resume: () => void (model.paused = false),
      'spoil policy': () => void (model.unreadable = true),
      'mend policy': () => void (model.unreadable = false),
      'allow dry runs only': () => void (model.dryRunOnly = true),
      'allow all': () => void (model.dryRunOnly = false),
      silence: () => {
        model.silencedUntil = this.#now + 20 * minuteMs;
        const status = { count: 1, silencedUntil: toTime(new Date(model.silencedUntil)) };
        if (cluster.alert?.spec.status === 'Firing') cluster.alert = anAlert({ status });
      },
      'begin elsewhere': () => void (model.busy = true),
      'end elsewhere': () => {
        if (model.busy) model.lastActed = this.#now;
        model.busy = false;
      },
      'another fails': () => {
        this.#another('Failed');
      },
      'another succeeds': () => {
        this.#another('Succeeded');
      },
      'replace node': () => {
        cluster.nodes = [{ apiVersion: 'v1', kind: 'Node', metadata: { name: 'dev1', uid: 'node-2' } }];
      },
    };
    if (typeof deed === 'string') deeds[deed]();
    else if ('says' in deed) this.#say(deed.who, deed.says);
    else if ('revoke' in deed) this.#revoke(deed.revoke);
    else if ('ends' in deed) this.cluster.run(deed.ends);
    else cluster.now = new Date(this.#now + deed.waitMinutes * minuteMs);
    this.#refresh();
  }

  #another(phase: 'Failed' | 'Succeeded'): void {
    const name = `another-${this.model.outcomes.length}`;
    const target = { kind: 'Node', name: 'dev9' };
    // The order of two ends within the same second is unknown.
    this.cluster.now = new Date(this.#now + 1_000);
    const at = toTime(this.cluster.now);
    this.#others.push(done(phase, at, { metadata: { name, uid: name }, spec: { target, ruleRef: disk } }));
    this.model.outcomes.push({ failed: phase === 'Failed', at: Date.parse(at) });
  }

  /** As the API server takes it, or not. */
  #say(user: string, decision: Approval['decision']): void {
    const { remediation } = this.cluster;
    if (remediation === undefined) return;
    const { manifestHash } = remediation.spec;
    const by = { name: user, groups: [], via: 'kubectl' };
    const decided = decideApproval(remediation, by, { decision, manifestHash }, this.cluster.now);
    if (decided.outcome !== 'append') return;
    this.cluster.say({ approvals: [...(remediation.status?.approvals ?? []), decided.approval] });
    if (decision === 'Approved') this.model.approvers.add(user);
  }

  #revoke(user: string): void {
    this.model.revoked.add(user);
    this.cluster.revoked.add(user);
  }

  /** Updates the caches of the worker. */
  #refresh(): void {
    const { paused, unreadable, dryRunOnly, busy, lastActed } = this.model;
    const always: Partial<RemediationPolicySpec> = {
      circuitBreaker: { failures: breaker.failures, openFor: '30m' },
      cooldown: '10m',
      maintenanceWindows: [{ ...closed, timeZone: 'UTC', mode: 'NeverDuring' }],
    };
    const specs: Partial<RemediationPolicySpec>[] = [
      always,
      ...(paused ? [{ pause: [{ reason: 'upgrade' }] }] : []),
      ...(unreadable
        ? [{ maintenanceWindows: [{ ...closed, timeZone: 'Mars/Olympus', mode: 'NeverDuring' as const }] }]
        : []),
      ...(dryRunOnly ? [{ dryRun: true }] : []),
    ];
    this.cluster.policies = specs.map((spec, index) =>
      aPolicy({ metadata: { name: `p${index}`, uid: `p${index}` }, spec }),
    );
    const spec = { alertRef: { name: 'elsewhere', uid: 'elsewhere' }, ruleRef: { ...disk, name: 'elsewhere' } };
    const metadata = { name: 'elsewhere', uid: 'elsewhere' };
    const acting = onNode({ metadata, spec, status: { phase: 'Running', startTime: toTime(noon) } });
    const ended = Number.isFinite(lastActed) ? [done('Succeeded', toTime(new Date(lastActed)), { spec })] : [];
    this.cluster.others = [...this.#others, ...ended, ...(busy ? [acting] : [])];
  }

  /** A worker looks, and dies at this point; another one goes on. */
  look(killAt = Number.POSITIVE_INFINITY): Promise<{ requeueAfterMs?: number }> {
    this.cluster.killAt(killAt);
    return reconcileUntilDone(this.cluster);
  }

  /** Ends all conditions that only users or other clients can end. */
  calmDown(): void {
    for (const deed of ['resume', 'mend policy', 'allow all', 'end elsewhere'] as const) this.does(deed);
  }
}

const disk = { name: 'disk', namespace: 'monitoring', generation: 3 };

const who = fc.constantFrom('alice', 'bob', 'dora');
const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom<Deed>('resolve', 'delete alert', 'cancel', 'replace node') },
  {
    weight: 8,
    arbitrary: fc.constantFrom<Deed>(
      ...(['pause', 'resume', 'spoil policy', 'mend policy', 'allow dry runs only', 'allow all', 'silence'] as const),
      ...(['begin elsewhere', 'end elsewhere', 'another fails', 'another fails', 'another succeeds'] as const),
    ),
  },
  { weight: 5, arbitrary: fc.record({ says: fc.constant('Approved' as const), who }) },
  { weight: 1, arbitrary: fc.record({ says: fc.constant('Rejected' as const), who }) },
  { weight: 1, arbitrary: fc.record({ revoke: who }) },
  { weight: 2, arbitrary: fc.constantFrom('Succeeded', 'Failed', 'Error').map((ends) => ({ ends })) },
  { weight: 3, arbitrary: fc.constantFrom(1, 5, 10, 30).map((waitMinutes) => ({ waitMinutes })) },
);
const step = fc.record({ deeds: fc.array(deed, { maxLength: 3 }), kill: fc.integer({ min: 1, max: 14 }) });

describe('the gates under any sequence of events and any number of killed workers', () => {
  it('the Workflow of an attempt is created when no gate blocks it, and never when one does', async () => {
    let ran = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 2 }), fc.array(step, { maxLength: 10 }), async (required, steps) => {
        const cluster = new Cluster(required);
        for (const { deeds, kill } of steps) {
          for (const one of deeds) cluster.does(one);
          const before = cluster.cluster.created;
          await cluster.look(kill);
          if (cluster.cluster.created > before) expect(cluster.mayRun).toBe(true);
          if (cluster.mayRun && !cluster.isOver) expect(cluster.cluster.created).toBe(1);
          if (cluster.cluster.workflow?.status?.phase) expect(cluster.isOver).toBe(true);
        }
        ran += cluster.cluster.created;
        expect(cluster.cluster.created).toBeLessThanOrEqual(1);
      }),
      { numRuns: 600 },
    );
    expect(ran).toBeGreaterThan(50);
  });

  it('an attempt does not wait for ever once all blocks of users are removed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 2 }), fc.array(step, { maxLength: 10 }), async (required, steps) => {
        const cluster = new Cluster(required);
        for (const { deeds, kill } of steps) {
          for (const one of deeds) cluster.does(one);
          await cluster.look(kill);
        }
        cluster.calmDown();
        for (let looks = 0; looks < 30 && !cluster.isOver; looks += 1) {
          const { requeueAfterMs } = await cluster.look();
          // An object that was just created or written comes back by its own event.
          if (requeueAfterMs !== undefined) cluster.does({ waitMinutes: requeueAfterMs / minuteMs });
          if (cluster.cluster.created > 0) cluster.cluster.run('Succeeded');
        }
        expect({ isOver: cluster.isOver, phase: cluster.phase }).toEqual({ isOver: true, phase: cluster.phase });
      }),
      { numRuns: 300 },
    );
  });
});
