import { setImmediate as yieldToEventLoop } from 'node:timers/promises';
import { compileTypePattern } from '../../rules/pattern.ts';
import { compileSelector } from '../../lib/label-selector.ts';
import type { AegisAlertOpsRule, TemplateReference } from '../../crds/ops-rule.ts';
import { aegisOpsTemplates, type AegisOpsTemplate } from '../../crds/ops-template.ts';
import type { Authorizer } from '../../kube/authorizer.ts';
import type { StatusCause } from '../kubeapi/status.ts';
import { canI, type ValidationContext } from './can-i.ts';
import type { Validator } from './validator.ts';
import { forbidden, wrong } from './result.ts';

/** Dependencies of the validator of rules. */
export interface RuleValidatorPorts {
  readonly authorizer: Authorizer;
  /** Returns the template of that name; undefined when there is none. */
  template(namespace: string, name: string): Pick<AegisOpsTemplate, 'metadata'> | undefined;
  /** Returns whether `template` has all templates already. */
  templatesKnown(): boolean;
}

/** Validates what a rule matches and which templates it uses. */
export function ruleValidator(ports: RuleValidatorPorts): Validator<AegisAlertOpsRule> {
  return async (rule, context) => {
    const causes = [...(await patternCauses(rule)), ...selectorCauses(rule)];
    const references = await Promise.all(referencesOf(rule).map((one) => validateReference(ports, rule, one, context)));
    return {
      causes: [...causes, ...references.flatMap(({ cause }) => cause ?? [])],
      warnings: references.flatMap(({ warning }) => warning ?? []),
    };
  };
}

async function patternCauses({ spec }: AegisAlertOpsRule): Promise<StatusCause[]> {
  const causes: StatusCause[] = [];
  for (const [index, { type }] of (spec.alertConditions ?? []).entries()) {
    const pattern = compileTypePattern(type);
    if (!pattern.ok) causes.push(wrong(`spec.alertConditions[${index}].type`, pattern.problem));
    // Sixty patterns of maximum size take a while, and the ingest shares this thread.
    await yieldToEventLoop();
  }
  return causes;
}

function selectorCauses({ spec }: AegisAlertOpsRule): StatusCause[] {
  const selector = compileSelector(spec.selector);
  return selector.ok ? [] : [wrong('spec.selector', selector.problem)];
}

interface Reference {
  readonly field: string;
  readonly namespace: string;
  readonly name: string;
}

function referencesOf({ metadata, spec }: AegisAlertOpsRule): Reference[] {
  const named = (field: string, { namespace, name }: TemplateReference): Reference => ({
    field,
    namespace: namespace ?? metadata.namespace ?? '',
    name,
  });
  return [
    ...(spec.opsTemplate === undefined ? [] : [named('spec.opsTemplate', spec.opsTemplate)]),
    ...(spec.escalation ?? []).map((reference, index) => named(`spec.escalation[${index}]`, reference)),
  ];
}

/**
 * Templates of other namespaces require the verb `use`. Whether a template exists is only revealed to users with that
 * right, and is no error: rules and templates may be applied in any order.
 */
async function validateReference(
  ports: RuleValidatorPorts,
  rule: AegisAlertOpsRule,
  { field, namespace, name }: Reference,
  context: ValidationContext,
): Promise<{ cause?: StatusCause; warning?: string }> {
  const { group, version, plural: resource } = aegisOpsTemplates;
  if (namespace !== rule.metadata.namespace) {
    const allowed = await canI(ports.authorizer, { verb: 'use', group, version, resource, namespace, name }, context);
    if (!allowed) {
      const message = `you may not use the AegisOpsTemplate ${namespace}/${name}: this requires the verb "use" on ${resource}.${group}`;
      return { cause: forbidden(field, message) };
    }
  }
  if (!ports.templatesKnown() || ports.template(namespace, name) !== undefined) return {};
  return { warning: `${field}: AegisOpsTemplate ${namespace}/${name} does not exist yet` };
}
