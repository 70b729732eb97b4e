import type { AegisAlertOpsRule } from '../crds/ops-rule.ts';

/** The namespace and name of a template. */
export interface TemplateKey {
  readonly namespace: string;
  readonly name: string;
}

/** Returns the template of a rule: in the rule's namespace unless it names another. */
export function templateKey({ metadata, spec }: AegisAlertOpsRule): TemplateKey | undefined {
  if (spec.opsTemplate === undefined) return undefined;
  return { namespace: spec.opsTemplate.namespace ?? metadata.namespace ?? '', name: spec.opsTemplate.name };
}

/** Returns the templates of a rule, weakest first: its own, then those of its escalation. */
export function ladderOf(rule: AegisAlertOpsRule): TemplateKey[] {
  const first = templateKey(rule);
  const namespace = rule.metadata.namespace ?? '';
  const further = (rule.spec.escalation ?? []).map((step) => ({
    namespace: step.namespace ?? namespace,
    name: step.name,
  }));
  return [...(first === undefined ? [] : [first]), ...further];
}
