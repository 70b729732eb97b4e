import type { RuleUsage } from '../../alerts/ports.ts';
import type { AegisAlertOpsRule, AlertOpsRuleStatus } from '../../crds/ops-rule.ts';
import { toTime } from '../../crds/conditions.ts';
import { ApiError } from '../../kube/api-error.ts';
import type { ResourceClient } from '../../kube/resources.ts';

interface Usage {
  key: { namespace: string; name: string };
  matched: number;
  triggered: number;
  lastMatch?: Date;
}

/** Counts uses of rules in memory and adds them to their status now and then: a write per alert would be too many. */
export interface CountedRuleUsage extends RuleUsage {
  /** Writes what has come together. What cannot be written now is kept, unless it may have been written. */
  flush(): Promise<void>;
}

export function countRuleUsage(rules: ResourceClient<AegisAlertOpsRule>): CountedRuleUsage {
  const pending = new Map<string, Usage>();

  function usageOf({ metadata: { namespace = '', name } }: AegisAlertOpsRule): Usage {
    const id = `${namespace}/${name}`;
    const usage = pending.get(id) ?? { key: { namespace, name }, matched: 0, triggered: 0 };
    pending.set(id, usage);
    return usage;
  }

  function keep(usage: Usage): void {
    const id = `${usage.key.namespace}/${usage.key.name}`;
    const newer = pending.get(id);
    if (newer === undefined) return void pending.set(id, usage);
    newer.matched += usage.matched;
    newer.triggered += usage.triggered;
    return undefined;
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
      const usage = usageOf(rule);
      usage.matched += 1;
      usage.lastMatch = at;
    },
    triggered: (rule) => {
      usageOf(rule).triggered += 1;
    },
    flush: async () => {
      const batch = [...pending.values()];
      pending.clear();
      for (const usage of batch) await write(usage);
    },
  };
}

/** A merge patch that fails when somebody else counted meanwhile. */
function increased(
  { metadata, status }: AegisAlertOpsRule,
  { matched, triggered, lastMatch }: Usage,
): Record<string, unknown> {
  const next: Partial<AlertOpsRuleStatus> = {
    matched: (status?.matched ?? 0) + matched,
    triggered: (status?.triggered ?? 0) + triggered,
    ...(lastMatch === undefined ? {} : { lastMatchTime: toTime(lastMatch) }),
  };
  return { metadata: { resourceVersion: metadata.resourceVersion, uid: metadata.uid }, status: next };
}
