import { describe, expect, it } from '@jest/globals';
import type { AegisAlertOpsRule, AlertOpsRuleStatus } from '../../crds/ops-rule.ts';
import { ApiError } from '../../kube/client/api-error.ts';
import { aRule, noon } from '../../test/builders/objects.ts';
import { countRuleUsage } from './usage.ts';

const conflict = new ApiError({ status: 409, reason: 'Conflict', message: 'changed', retry: { kind: 'conflict' } });
const lost = new ApiError({
  ...{ status: 0, reason: 'NoAnswer', message: 'no answer', ambiguous: true },
  retry: { kind: 'retryable' },
});

/** One rule on an API server that merges what is patched, or fails as it is told. */
function counted() {
  const rule: AegisAlertOpsRule = { ...aRule(), status: {} };
  const failures: Error[] = [];
  const usage = countRuleUsage({
    find: () => Promise.resolve(rule),
    patch: (_key, body) => {
      const failure = failures.shift();
      if (failure !== undefined) return Promise.reject(failure);
      Object.assign(rule.status ?? {}, (body as { status: AlertOpsRuleStatus }).status);
      return Promise.resolve(rule);
    },
  });
  const { namespace = '', name } = rule.metadata;
  return { rule, failures, usage, key: { namespace, name } };
}

describe('the counters of a rule', () => {
  it('the counters of a rule are added to the earlier ones, and those of dry runs by result', async () => {
    const { rule, usage, key } = counted();
    for (const outcome of ['WouldSubmit', 'WouldSubmit', 'WouldWait'] as const) usage.dryRunEnded(key, outcome);
    usage.matched(rule, noon);
    usage.triggered(rule);
    await usage.flush();
    usage.dryRunEnded(key, 'WouldBeRefused');
    await usage.flush();
    expect(rule.status).toEqual({
      ...{ matched: 1, triggered: 1, lastMatchTime: '2026-01-02T12:00:00Z' },
      dryRuns: { wouldSubmit: 2, wouldWait: 1, wouldBeRefused: 1 },
    });
  });

  it('the counters of a rule have no dry runs where there were none', async () => {
    const { rule, usage } = counted();
    usage.matched(rule, noon);
    await usage.flush();
    expect(rule.status).not.toHaveProperty('dryRuns');
  });

  it('the counters of a rule survive a conflict together with newer counts, and are not written again when the write may have succeeded', async () => {
    const { rule, usage, key, failures } = counted();
    failures.push(conflict);
    usage.dryRunEnded(key, 'WouldSubmit');
    await usage.flush();
    usage.dryRunEnded(key, 'WouldSubmit');
    await usage.flush();
    expect(rule.status?.dryRuns?.wouldSubmit).toBe(2);
    failures.push(lost);
    usage.dryRunEnded(key, 'WouldSubmit');
    await usage.flush();
    await usage.flush();
    expect(rule.status?.dryRuns?.wouldSubmit).toBe(2);
  });
});
