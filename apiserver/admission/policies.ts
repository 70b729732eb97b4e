import { compileSelector } from '../../lib/label-selector.ts';
import type { AegisRemediationPolicy, RemediationPolicySpec } from '../../crds/remediation-policy.ts';
import { isTimeZone } from '../../remediation/policies/time-zone.ts';
import type { StatusCause } from '../kubeapi/status.ts';
import type { Validator } from './validator.ts';
import { wrong } from './result.ts';
import { leavesTime } from './windows.ts';

/** Validates what CEL cannot validate of a policy. */
export function policyValidator(now: () => Date): Validator<AegisRemediationPolicy> {
  return ({ spec }) =>
    Promise.resolve({ causes: [...windowCauses(spec), ...selectorCauses(spec)], warnings: remarks(spec, now()) });
}

function windowCauses({ maintenanceWindows: windows = [] }: RemediationPolicySpec): StatusCause[] {
  const unknown = windows.flatMap(({ timeZone }, index) =>
    isTimeZone(timeZone)
      ? []
      : [wrong(`spec.maintenanceWindows[${index}].timeZone`, `unknown time zone ${JSON.stringify(timeZone)}`)],
  );
  if (unknown.length > 0 || leavesTime(windows)) return unknown;
  return [
    wrong(
      'spec.maintenanceWindows',
      'leave no minute of the week in which a remediation may start; use a pause instead',
    ),
  ];
}

function selectorCauses({ selector }: RemediationPolicySpec): StatusCause[] {
  const compiled = compileSelector(selector?.targetSelector);
  return compiled.ok ? [] : [wrong('spec.selector.targetSelector', compiled.problem)];
}

/** Returns warnings, not errors: a manifest in version control outlives its pauses, and policies complement each other. */
function remarks(spec: RemediationPolicySpec, now: Date): string[] {
  const over = (spec.pause ?? []).flatMap(({ expires }, index) =>
    expires !== undefined && Date.parse(expires) <= now.getTime()
      ? [`spec.pause[${index}] expired at ${expires} and has no effect`]
      : [],
  );
  const attempts =
    (spec.maxAttempts ?? 1) > 1 && spec.verification === undefined
      ? ['spec.maxAttempts: more than one attempt requires a verification, which this policy does not define']
      : [];
  const groups =
    spec.approval?.required === 0 && (spec.approval.approverGroups ?? []).length > 0
      ? ['spec.approval.approverGroups: has no effect, because spec.approval.required is 0']
      : [];
  return [...over, ...attempts, ...groups];
}
