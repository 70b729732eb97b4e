import { afterEach, describe, expect, it } from '@jest/globals';
import { aRule } from '../../test/builders/objects.ts';
import {
  fieldsOf,
  openAdmission,
  type Answer,
  type OpenAdmission,
  type AdmissionOptions,
} from '../../test/admission/fakes/admission.ts';
import { aegisAlertOpsRules, type AlertOpsRuleSpec } from '../../crds/ops-rule.ts';
import type { ResourceAttributes } from '../../kube/authorizer.ts';

let admission: OpenAdmission;

afterEach(async () => {
  await admission.close();
});

async function validate(spec: Partial<AlertOpsRuleSpec>, options: AdmissionOptions = {}): Promise<Answer> {
  admission = await openAdmission(options);
  return admission.review(aegisAlertOpsRules, aRule({ spec }));
}

describe('a rule at the admission', () => {
  it('a valid rule is admitted without warnings', async () => {
    const { code, body } = await validate({});
    expect({ code, body }).toEqual({
      code: 200,
      body: {
        apiVersion: 'admission.k8s.io/v1',
        kind: 'AdmissionReview',
        response: { uid: 'c8a3c0f5-6d6f-4b0c-9c0e-6a3f4d1b2e70', allowed: true },
      },
    });
  });

  it('an invalid rule is refused with all errors and their paths', async () => {
    const answer = await validate(
      {
        alertConditions: [
          { type: 'Node(', status: 'Firing' },
          { type: 'NodeDown', status: 'Firing' },
          { type: '(?=x)', status: 'Resolved' },
          { type: 'a{0,1000}'.repeat(50), status: 'Firing' },
        ],
        opsTemplate: { namespace: 'other', name: 'cordon' },
        escalation: [{ namespace: 'third', name: 'reboot' }],
      },
      { may: () => false },
    );
    expect(answer.code).toBe(200);
    expect(answer.body.response).toMatchObject({ allowed: false, status: { code: 422, reason: 'Invalid' } });
    expect(fieldsOf(answer)).toEqual([
      'spec.alertConditions[0].type',
      'spec.alertConditions[2].type',
      'spec.alertConditions[3].type',
      'spec.opsTemplate',
      'spec.escalation[0]',
    ]);
    const message = answer.body.response?.status?.message ?? '';
    expect(message).toMatch(
      /^AegisAlertOpsRule\.aegis\.io "disk" is invalid: \[spec\.alertConditions\[0\]\.type: .*Node\(/,
    );
    expect(message).toContain('other/cordon');
  });

  it('a rule may use a template of another namespace only if its user may', async () => {
    const asked: [ResourceAttributes, string][] = [];
    const may = (attributes: ResourceAttributes, user: string): boolean => {
      asked.push([attributes, user]);
      return attributes.namespace === 'shared';
    };
    const escalation = [{ namespace: 'shared', name: 'reboot' }, { name: 'cordon2' }];
    const answer = await validate({ opsTemplate: { namespace: 'other', name: 'cordon' }, escalation }, { may });
    expect(answer.body.response?.status).toMatchObject({ code: 403, reason: 'Forbidden' });
    expect(fieldsOf(answer)).toEqual(['spec.opsTemplate']);
    const attributes = { verb: 'use', group: 'aegis.io', version: 'v1alpha1', resource: 'aegisopstemplates' };
    expect(asked).toEqual([
      [{ ...attributes, namespace: 'other', name: 'cordon' }, 'jane'],
      [{ ...attributes, namespace: 'shared', name: 'reboot' }, 'jane'],
    ]);
  });

  it('a rule is admitted with a warning about a missing template, which only a user with the right to use it sees', async () => {
    const opsTemplate = { name: 'later' };
    const answer = await validate({ opsTemplate }, { may: () => false });
    expect(answer.body.response).toMatchObject({
      allowed: true,
      warnings: ['spec.opsTemplate: AegisOpsTemplate monitoring/later does not exist yet'],
    });
    const foreign = await admission.review(
      aegisAlertOpsRules,
      aRule({ spec: { opsTemplate: { namespace: 'other', name: 'secret' } } }),
    );
    expect(JSON.stringify(foreign.body)).not.toContain('yet');
  });

  it('a rule is admitted without warnings about templates while the cache is not synced', async () => {
    const answer = await validate({ opsTemplate: { name: 'later' } }, { templates: undefined });
    expect(answer.body.response).toEqual({ uid: expect.any(String), allowed: true });
  });

  it('a rule is refused with 503 when access cannot be reviewed', async () => {
    const may = (): 'unknown' => 'unknown';
    const answer = await validate({ opsTemplate: { namespace: 'other', name: 'cordon' } }, { may });
    expect(answer.code).toBe(200);
    expect(answer.body.response).toMatchObject({ allowed: false, status: { code: 503, reason: 'ServiceUnavailable' } });
    expect(answer.body.response?.status?.message).toContain('the object itself may be valid');
  });
});
