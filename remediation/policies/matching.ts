import { compileSelector } from '../../lib/label-selector.ts';
import { normaliseSeverity } from '../../alerts/severity.ts';
import type { AegisAlert } from '../../crds/alert.ts';
import type { AegisRemediation } from '../../crds/remediation.ts';
import type { AegisRemediationPolicy, PolicySelector } from '../../crds/remediation-policy.ts';
import type { TargetFacts } from '../cluster-view.ts';

/** `unknown`: what can be read fits, and the rest cannot be read. A policy that restricts must then be obeyed. */
export type Concern = 'yes' | 'no' | 'unknown';

/** The data that a policy's selector is compared with. */
export interface Selected {
  readonly remediation: AegisRemediation;
  readonly alert: AegisAlert;
  /** The target. Default: no facts are known. */
  readonly target?: TargetFacts;
}

type Requirement = (selector: PolicySelector, selected: Selected) => Concern;

/** The conditions of a selector; the list reads as the specification. */
const requirements: readonly Requirement[] = [namespace, rule, targetKind, target, severity, risk];

/** Whether a policy is about an attempt. A mismatch anywhere excludes it, even where another part cannot be read. */
export function concerns({ spec }: AegisRemediationPolicy, selected: Selected): Concern {
  const { selector } = spec;
  if (selector === undefined) return 'yes';
  const answers = requirements.map((requirement) => requirement(selector, selected));
  if (answers.includes('no')) return 'no';
  return answers.includes('unknown') ? 'unknown' : 'yes';
}

function namespace({ namespaces }: PolicySelector, { alert }: Selected): Concern {
  return isIn(namespaces, alert.metadata.namespace ?? '');
}

/** A template that a user starts has no rule. */
function rule({ rules = [] }: PolicySelector, { remediation }: Selected): Concern {
  const { ruleRef } = remediation.spec;
  if (rules.length === 0) return 'yes';
  if (ruleRef === undefined) return 'no';
  return rules.includes(ruleRef.name) || rules.includes(`${ruleRef.namespace}/${ruleRef.name}`) ? 'yes' : 'no';
}

function targetKind({ targetKinds = [] }: PolicySelector, { remediation }: Selected): Concern {
  const kind = remediation.spec.target?.kind ?? '';
  return kind === '' && targetKinds.length > 0 ? 'unknown' : isIn(targetKinds, kind);
}

/** With unknown labels, or a selector that cannot be used, it is unknown. */
function target({ targetSelector }: PolicySelector, { target: facts }: Selected): Concern {
  const { matchLabels = {}, matchExpressions = [] } = targetSelector ?? {};
  if (Object.keys(matchLabels).length + matchExpressions.length === 0) return 'yes';
  const compiled = compileSelector(targetSelector);
  const labels = facts?.known === true ? facts.labels : undefined;
  if (!compiled.ok || labels === undefined) return 'unknown';
  return compiled.matches(labels) ? 'yes' : 'no';
}

function severity({ severities }: PolicySelector, { alert }: Selected): Concern {
  const wanted = severities?.map((word) => normaliseSeverity(word) ?? word);
  return isIn(wanted, normaliseSeverity(alert.spec.severity) ?? '');
}

function risk({ risks }: PolicySelector, { remediation }: Selected): Concern {
  return isIn(risks, remediation.spec.risk);
}

/** An empty list selects all, as an absent one does. */
function isIn(list: readonly string[] = [], value: string): Concern {
  return list.length === 0 || list.includes(value) ? 'yes' : 'no';
}
