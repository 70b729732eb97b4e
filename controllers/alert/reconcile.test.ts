import { describe, expect, it } from '@jest/globals';
import type { AlertStatus } from '../../crds/alert.ts';
import type { AegisAlertOpsRule } from '../../crds/ops-rule.ts';
import type { AegisRemediation } from '../../crds/remediation.ts';
import { compileRule } from '../../rules/compile.ts';
import { RuleSet } from '../../rules/rule-set.ts';
import { after, aRemediation, aRule, aTemplate, anAlert, noon } from '../../test/builders/objects.ts';
import type { AlertPorts } from './ports.ts';
import { reconcileAlert } from './reconcile.ts';

const lifetimeDefaults = { afterSuccess: 100_000, afterFailure: 200_000, afterNoOps: 300_000, staleAfter: 1_000_000 };
const key = { namespace: 'monitoring', name: 'default-disk-0123456789' };

function cache<T extends { metadata: { name: string } }>(...objects: T[]) {
  return {
    list: () => objects,
    get: (_: string, name: string) => objects.find(({ metadata }) => metadata.name === name),
  };
}

function ruleSet(rules: readonly AegisAlertOpsRule[], scope: 'Cluster' | 'Namespace'): RuleSet {
  const list = (namespace?: string) =>
    rules.filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace);
  return new RuleSet({ list, onChange: () => () => undefined }, scope, compileRule);
}

/** Surroundings that note what was done, in order. */
function surroundings(
  { rules = [aRule()], ...changes }: Partial<AlertPorts> & { rules?: AegisAlertOpsRule[] } = {},
  ruleScope: 'Cluster' | 'Namespace' = 'Cluster',
) {
  const done: string[] = [];
  let status: Partial<AlertStatus> | undefined;
  const ports: AlertPorts = {
    alerts: cache(anAlert()),
    match: (alert) => ruleSet(rules, ruleScope).match(alert),
    templates: cache(aTemplate()),
    remediationsOf: () => [],
    plan: () => ({ ok: true, remediation: aRemediation({ spec: { target: { kind: 'Node', name: 'dev1' } } }) }),
    lookUp: () => Promise.resolve({ uid: 'node-1' }),
    attemptLimits: () => ({ maxAttempts: 1, backoffMs: 60_000, verified: false }),
    createRemediation: ({ spec }: AegisRemediation) => {
      done.push(`create for ${spec.target?.uid ?? ''}`);
      return Promise.resolve({ created: true });
    },
    writeStatus: (_, written) => {
      done.push('status');
      status = written;
      return Promise.resolve();
    },
    deleteAlert: ({ metadata }) => Promise.resolve(void done.push(`delete ${metadata.name}`)),
    events: { record: (_, { reason }) => void done.push(`event ${reason}`) },
    ruleUsage: { matched: () => void done.push('matched'), triggered: () => void done.push('triggered') },
    observeTrigger: (trigger) => void done.push(`observed ${trigger}`),
    now: () => noon,
    ...changes,
  };
  const run = () => reconcileAlert(ports, lifetimeDefaults, key);
  return { run, done, status: () => status };
}

describe('the reconcile of an alert', () => {
  it('the reconcile of an alert creates the attempt for the exact target, and leaves the status to the next run', async () => {
    const { run, done } = surroundings();
    expect(await run()).toEqual({});
    expect(done).toEqual(['create for node-1', 'matched', 'triggered']);
  });

  it('the reconcile of an alert writes the status once the attempt exists, and runs again when the alert may be stale', async () => {
    const { run, done, status } = surroundings({
      remediationsOf: () => [aRemediation({ status: { phase: 'Submitted' } })],
    });
    expect(await run()).toEqual({ requeueAfterMs: 1_000_000 });
    expect(done).toEqual(['status', 'observed Triggered']);
    expect(status()?.opsStatus).toMatchObject({ triggerStatus: 'Triggered', alertOpsStatus: 'Pending' });
  });

  it('the reconcile of an alert audits once, and before any other write, that no attempt is made', async () => {
    const skipped = (status: Partial<AlertStatus> = {}) => {
      const alert = anAlert({ status: { count: 1, ...status } });
      const {
        run,
        done,
        status: written,
      } = surroundings({
        alerts: cache(alert),
        rules: [],
        auditSkipped: ({ reason, message }) => void done.push(`skipped ${reason}: ${message}`),
      });
      return { run, done, written };
    };
    const first = skipped();
    await first.run();
    expect(first.done.slice(0, 2)).toEqual(['skipped RuleNotFound: none of 0 rules matches', 'status']);
    const again = skipped(first.written());
    await again.run();
    expect(again.done.join()).not.toContain('skipped');
  });

  it('the reconcile of an alert does not count an attempt that another writer created', async () => {
    const { run, done } = surroundings({ createRemediation: () => Promise.resolve({ created: false }) });
    await run();
    expect(done).toEqual([]);
  });

  it('the reconcile of an alert reports why the API server refuses the attempt, and tries again later', async () => {
    const { run, done, status } = surroundings({ createRemediation: () => Promise.resolve({ refused: 'quota' }) });
    expect(await run()).toEqual({ requeueAfterMs: 5_000 });
    expect(done).toEqual(['status', 'observed TriggerFailed', 'event TriggerFailed']);
    expect(status()?.opsStatus?.triggerStatus).toBe('TriggerFailed');
  });

  it.each([
    [60, 60_000],
    [3600, 300_000],
  ])(
    'the reconcile of an alert tries again less often when the attempt has been refused for %d s',
    async (seconds, requeueAfterMs) => {
      const { run } = surroundings({
        createRemediation: () => Promise.resolve({ refused: 'quota' }),
        now: () => after(seconds),
      });
      expect(await run()).toEqual({ requeueAfterMs });
    },
  );

  it('the reconcile of an alert creates nothing when the API server does not answer, and lets the queue try again', async () => {
    const { run, done } = surroundings({ createRemediation: () => Promise.reject(new Error('no answer')) });
    await expect(run()).rejects.toThrow('no answer');
    expect(done).toEqual([]);
  });

  it('the reconcile of an alert reports once that no rule matches', async () => {
    const { run, done } = surroundings({ rules: [] });
    await run();
    expect(done).toEqual(['status', 'observed RuleNotFound', 'event RuleNotFound']);
    const told = anAlert({ status: { count: 1, opsStatus: { triggerStatus: 'RuleNotFound' } } });
    const again = surroundings({ rules: [], alerts: cache(told) });
    await again.run();
    expect(again.done).toEqual(['status']);
  });

  it.each([
    ['Cluster', ['create for node-1', 'matched', 'triggered']],
    ['Namespace', ['status', 'observed RuleNotFound', 'event RuleNotFound']],
  ] as const)(
    'the reconcile of an alert with rules of scope %s handles a rule of another namespace',
    async (ruleScope, expected) => {
      const { run, done } = surroundings({ rules: [aRule({ metadata: { namespace: 'elsewhere' } })] }, ruleScope);
      await run();
      expect(done).toEqual(expected);
    },
  );

  it('the reconcile of an alert notifies a user once when no further attempt is made, and runs again when the next attempt is due', async () => {
    const status = { phase: 'Ineffective', completionTime: '2026-01-02T11:59:30Z' } as const;
    const ineffective = { remediationsOf: () => [aRemediation({ status })] };
    const limits = (maxAttempts: number) => ({
      attemptLimits: () => ({ maxAttempts, backoffMs: 60_000, verified: true }),
    });
    const waiting = surroundings({ ...ineffective, ...limits(2) });
    expect(await waiting.run()).toEqual({ requeueAfterMs: 30_000 });
    expect(waiting.done).toEqual(['status', 'observed Triggered']);
    const first = surroundings({ ...ineffective, ...limits(1) });
    await first.run();
    expect(first.done).toEqual(['status', 'event AttemptsExhausted', 'observed Triggered']);
    expect(first.status()?.conditions).toContainEqual(
      expect.objectContaining({ type: 'AttemptsExhausted', status: 'True', reason: 'AttemptsExhausted' }),
    );
    const told = anAlert({ status: { count: 1, ...first.status() } });
    const again = surroundings({ ...ineffective, ...limits(1), alerts: cache(told) });
    await again.run();
    expect(again.done).toEqual(['status']);
    const more = surroundings({ ...ineffective, ...limits(2), alerts: cache(told) });
    await more.run();
    expect(more.status()?.conditions).not.toContainEqual(expect.objectContaining({ type: 'AttemptsExhausted' }));
  });

  it('the reconcile of an alert deletes an alert whose TTL has passed', async () => {
    const over = anAlert({ spec: { status: 'Resolved', ttlStrategy: { secondsAfterNoOps: 0 } } });
    const { run, done } = surroundings({ alerts: cache(over), rules: [] });
    await run();
    expect(done).toEqual(['delete default-disk-0123456789']);
  });

  it('the reconcile of an alert does nothing for an alert that is deleted or being deleted', async () => {
    const going = anAlert({ metadata: { deletionTimestamp: '2026-01-02T12:00:00Z' } });
    for (const alerts of [cache<typeof going>(), cache(going)]) {
      const { run, done } = surroundings({ alerts });
      expect(await run()).toEqual({});
      expect(done).toEqual([]);
    }
  });
});
