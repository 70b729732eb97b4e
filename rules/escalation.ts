import type { AegisAlertOpsRule } from '../crds/ops-rule.ts';
import type { AegisRemediation } from '../crds/remediation.ts';

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

/** How far up the ladder the attempts have come; -1 = none of them was on it. */
export function stepReached(ladder: readonly TemplateKey[], attempts: readonly AegisRemediation[]): number {
  const steps = attempts.map(({ spec: { templateRef } }) =>
    ladder.findIndex(({ namespace, name }) => namespace === templateRef.namespace && name === templateRef.name),
  );
  return Math.max(-1, ...steps);
}
