import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fieldsOf, openAdmission, type Answer, type OpenAdmission } from '../../test/admission/fakes/admission.ts';
import { aegisRemediationPolicies, type RemediationPolicySpec } from '../../crds/remediation-policy.ts';

let admission: OpenAdmission;

beforeEach(async () => {
  admission = await openAdmission();
});

afterEach(async () => {
  await admission.close();
});

function validate(spec: Partial<RemediationPolicySpec>): Promise<Answer> {
  return admission.review(aegisRemediationPolicies, {
    apiVersion: 'aegis.io/v1alpha1',
    kind: 'AegisRemediationPolicy',
    metadata: { name: 'gpu' },
    spec,
  } as never);
}

const night = { start: '22:00', end: '06:00', timeZone: 'Europe/Berlin', mode: 'OnlyDuring' } as const;

describe('a policy at the admission', () => {
  it('a policy is refused for each unknown time zone', async () => {
    const answer = await validate({
      maintenanceWindows: [{ ...night, timeZone: 'Mars/Olympus' }, night, { ...night, timeZone: 'Berlin' }],
    });
    expect(fieldsOf(answer)).toEqual(['spec.maintenanceWindows[0].timeZone', 'spec.maintenanceWindows[2].timeZone']);
    expect(answer.body.response?.status?.message).toContain('unknown time zone "Mars/Olympus"');
  });

  it('a policy is refused when its maintenance windows leave no time', async () => {
    const answer = await validate({
      maintenanceWindows: [night, { ...night, start: '21:00', end: '07:00', mode: 'NeverDuring' }],
    });
    expect(fieldsOf(answer)).toEqual(['spec.maintenanceWindows']);
    expect(await validate({ maintenanceWindows: [night] })).toMatchObject({ body: { response: { allowed: true } } });
  });

  it('a policy is refused for violations of the schema that the API server did not validate', async () => {
    const answer = await validate({ maintenanceWindows: [{ ...night, start: '25:00' }], maxAttempts: 0 });
    expect(fieldsOf(answer).sort()).toEqual(['spec.maintenanceWindows[0].start', 'spec.maxAttempts']);
  });

  it('a policy is admitted with warnings for problems that time or another policy may solve', async () => {
    const answer = await validate({
      pause: [
        { reason: 'switch is replaced', expires: '2026-01-02T11:59:59Z' },
        { reason: 'another', expires: '2026-01-02T12:00:01Z' },
      ],
      maxAttempts: 3,
      approval: { required: 0, approverGroups: ['sre'], requesterMayApprove: false, timeout: '15m' },
    });
    expect(answer.body.response).toMatchObject({
      allowed: true,
      warnings: [
        'spec.pause[0] expired at 2026-01-02T11:59:59Z and has no effect',
        expect.stringMatching(/^spec\.maxAttempts: /),
        expect.stringMatching(/^spec\.approval\.approverGroups: /),
      ],
    });
  });
});
