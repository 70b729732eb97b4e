import type { RuleUsage } from '../alert/ports.ts';
import type { AegisAlertOpsRule, AlertOpsRuleStatus } from '../../crds/ops-rule.ts';
import { toTime } from '../../crds/conditions.ts';
import { ApiError } from '../../kube/client/api-error.ts';
import type { ResourceClient } from '../../kube/client/resources.ts';
import type { DryRunReason } from '../../crds/reasons.ts';

interface RuleKey {
  namespace: string;
  name: string;
}

/** A counter of a rule. */
type Counter = 'matched' | 'triggered' | DryRunReason;

interface Usage {
  readonly key: RuleKey;
  readonly counts: Map<Counter, number>;
  lastMatch?: Date;
}

/** Counts uses of rules in memory and adds them to their status now and then: a write per alert would be too many. */
export interface CountedRuleUsage extends RuleUsage {
  /** A dry run that the rule started has ended so. */
  dryRunEnded(rule: RuleKey, outcome: DryRunReason): void;
  /** Writes the collected counts. Counts whose write failed are kept, unless the write may have succeeded. */
  flush(): Promise<void>;
}

export function countRuleUsage(rules: Pick<ResourceClient<AegisAlertOpsRule>, 'find' | 'patch'>): CountedRuleUsage {
  const pending = new Map<string, Usage>();

  function usageOf(key: RuleKey): Usage {
    const id = `${key.namespace}/${key.name}`;
    const usage = pending.get(id) ?? { key, counts: new Map() };
    pending.set(id, usage);
    return usage;
  }

  function count(key: RuleKey, counter: Counter, by = 1): Usage {
    const usage = usageOf(key);
    usage.counts.set(counter, (usage.counts.get(counter) ?? 0) + by);
    return usage;
  }

  /** Counts again what could not be written; what came since knows a later match. */
  function keep({ key, counts, lastMatch }: Usage): void {
    for (const [counter, by] of counts) count(key, counter, by);
    const usage = usageOf(key);
    if (lastMatch !== undefined) usage.lastMatch ??= lastMatch;
  }

  async function write(usage: Usage): Promise<void> {
    try {
      const rule = await rules.find(usage.key);
      if (rule !== undefined) await rules.patch(usage.key, increased(rule, usage), { subresource: 'status' });
    } catch (error) {
      // A count may miss uses; it never has more than there were.
      if (error instanceof ApiError && !error.ambiguous && error.retry.kind !== 'terminal') keep(usage);
      if (!(error instanceof ApiError)) throw error;
    }
  }

  return {
    matched: (rule, at) => {
      count(keyOf(rule), 'matched').lastMatch = at;
    },
    triggered: (rule) => {
      count(keyOf(rule), 'triggered');
    },
    dryRunEnded: (key, outcome) => {
      count(key, outcome);
    },
    flush: async () => {
      const batch = [...pending.values()];
      pending.clear();
      for (const usage of batch) await write(usage);
    },
  };
}

function keyOf({ metadata: { namespace = '', name } }: AegisAlertOpsRule): RuleKey {
  return { namespace, name };
}

/** Returns a merge patch that fails when another process counted meanwhile. */
function increased({ metadata, status }: AegisAlertOpsRule, { counts, lastMatch }: Usage): Record<string, unknown> {
  const sum = (before: number | undefined, counter: Counter): number => (before ?? 0) + (counts.get(counter) ?? 0);
  const dryRuns = {
    wouldSubmit: sum(status?.dryRuns?.wouldSubmit, 'WouldSubmit'),
    wouldWait: sum(status?.dryRuns?.wouldWait, 'WouldWait'),
    wouldBeRefused: sum(status?.dryRuns?.wouldBeRefused, 'WouldBeRefused'),
  };
  const next: Partial<AlertOpsRuleStatus> = {
    matched: sum(status?.matched, 'matched'),
    triggered: sum(status?.triggered, 'triggered'),
    ...(Object.values(dryRuns).some((total) => total > 0) && { dryRuns }),
    ...(lastMatch === undefined ? {} : { lastMatchTime: toTime(lastMatch) }),
  };
  return { metadata: { resourceVersion: metadata.resourceVersion, uid: metadata.uid }, status: next };
}
