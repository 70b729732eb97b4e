import type { AegisAlertOpsRule } from '../crds/ops-rule.ts';

/** Where a template is. */
export interface TemplateKey {
  readonly namespace: string;
  readonly name: string;
}

/** Where a rule's template is: beside the rule unless it says otherwise. */
export function templateKey({ metadata, spec }: AegisAlertOpsRule): TemplateKey | undefined {
  if (spec.opsTemplate === undefined) return undefined;
  return { namespace: spec.opsTemplate.namespace ?? metadata.namespace ?? '', name: spec.opsTemplate.name };
}

/** What a rule does, weakest first: its template, then those of its escalation. */
export function ladderOf(rule: AegisAlertOpsRule): TemplateKey[] {
  const first = templateKey(rule);
  const namespace = rule.metadata.namespace ?? '';
  const further = (rule.spec.escalation ?? []).map((step) => ({
    namespace: step.namespace ?? namespace,
    name: step.name,
  }));
  return [...(first === undefined ? [] : [first]), ...further];
}
