import type { AegisAlertOpsRule, AlertOpsRuleStatus } from '../../crds/ops-rule.ts';
import type { AegisOpsTemplate } from '../../crds/ops-template.ts';
import type { TemplateKey } from '../../rules/escalation.ts';
import type { ObjectCache } from '../../crds/object-cache.ts';
import { ruleStatus } from '../../rules/readiness.ts';

export interface RulePorts {
  rules: Pick<ObjectCache<AegisAlertOpsRule>, 'get'>;
  templates: Pick<ObjectCache<AegisOpsTemplate>, 'get'>;
  writeStatus(rule: AegisAlertOpsRule, status: Partial<AlertOpsRuleStatus>): Promise<void>;
  now(): Date;
}

/** Keeps the Ready condition of a rule true. */
export function ruleReconciler(ports: RulePorts) {
  return async function reconcileRule({ namespace, name }: { namespace: string; name: string }): Promise<void> {
    const rule = ports.rules.get(namespace, name);
    if (rule === undefined || rule.metadata.deletionTimestamp !== undefined) return;
    const template = (key: TemplateKey) => ports.templates.get(key.namespace, key.name);
    await ports.writeStatus(rule, ruleStatus(rule, { template, now: ports.now() }));
  };
}
