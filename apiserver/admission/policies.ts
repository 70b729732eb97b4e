import { compileSelector } from '../../lib/label-selector.ts';
import type { AegisRemediationPolicy, RemediationPolicySpec } from '../../crds/remediation-policy.ts';
import { isTimeZone } from '../../remediation/policies/time-zone.ts';
import type { StatusCause } from '../kubeapi/status.ts';
import type { Validator } from './validator.ts';
import { wrong } from './result.ts';
import { leavesTime } from './windows.ts';

/** Judges what CEL cannot see of a policy. */
export function policyValidator(now: () => Date): Validator<AegisRemediationPolicy> {
  return ({ spec }) =>
    Promise.resolve({ causes: [...windowCauses(spec), ...selectorCauses(spec)], warnings: remarks(spec, now()) });
}

function windowCauses({ maintenanceWindows: windows = [] }: RemediationPolicySpec): StatusCause[] {
  const unknown = windows.flatMap(({ timeZone }, index) =>
    isTimeZone(timeZone)
      ? []
      : [wrong(`spec.maintenanceWindows[${index}].timeZone`, `there is no time zone ${JSON.stringify(timeZone)}`)],
  );
  if (unknown.length > 0 || leavesTime(windows)) return unknown;
  return [
    wrong('spec.maintenanceWindows', 'leave no minute of the week in which work may start: use pause to hold it'),
  ];
}

function selectorCauses({ selector }: RemediationPolicySpec): StatusCause[] {
  const compiled = compileSelector(selector?.targetSelector);
  return compiled.ok ? [] : [wrong('spec.selector.targetSelector', compiled.problem)];
}

/** No errors: a manifest in version control outlives its pauses, and another policy may give what this one lacks. */
function remarks(spec: RemediationPolicySpec, now: Date): string[] {
  const over = (spec.pause ?? []).flatMap(({ expires }, index) =>
    expires !== undefined && Date.parse(expires) <= now.getTime()
      ? [`spec.pause[${index}] has expired at ${expires}: it holds nothing`]
      : [],
  );
  const attempts =
    (spec.maxAttempts ?? 1) > 1 && spec.verification === undefined
      ? ['spec.maxAttempts: more than one attempt takes a verification, which this policy does not ask for']
      : [];
  const groups =
    spec.approval?.required === 0 && (spec.approval.approverGroups ?? []).length > 0
      ? ['spec.approval.approverGroups: required is 0, so this policy asks none of them']
      : [];
  return [...over, ...attempts, ...groups];
}
