import { describe, expect, it } from '@jest/globals';
import { aegisAlerts } from './alert.ts';
import { aegisAlertOpsRules } from './ops-rule.ts';
import { parseObject } from './parse.ts';
import { workflows } from './workflow.ts';

const alert = {
  apiVersion: 'aegis.io/v1alpha1',
  kind: 'AegisAlert',
  metadata: { name: 'a', labels: { team: 'gpu' } },
  spec: { type: 'NodeDown', surprise: true },
};

describe('parseObject', () => {
  it('parseObject fills in defaults, keeps metadata and drops unknown fields', () => {
    expect(parseObject(aegisAlerts, alert)).toEqual({
      ok: true,
      object: { ...alert, spec: { type: 'NodeDown', status: 'Firing', trust: 'Parsed' }, status: { count: 1 } },
    });
  });

  it('parseObject names each invalid field', () => {
    const rule = {
      apiVersion: 'aegis.io/v1alpha1',
      kind: 'AegisAlertOpsRule',
      metadata: {},
      spec: { alertConditions: [{ type: 'a' }, { status: 'Firing' }], priority: 'high', opsTemplate: { name: 'x' } },
    };
    const result = parseObject(aegisAlertOpsRules, rule);
    const paths = result.ok ? [] : result.errors.map(({ path }) => path);
    expect(paths).toEqual(['spec.alertConditions[1].type', 'spec.priority']);
  });

  it.each([undefined, null, 'text', [], {}, { kind: 'AegisAlert' }])(
    'parseObject refuses %j without throwing',
    (value) => {
      expect(parseObject(aegisAlerts, value).ok).toBe(false);
    },
  );

  it('parseObject throws for a kind without a schema', () => {
    expect(() => parseObject(workflows, {})).toThrow('no schema for the kind Workflow of the group argoproj.io');
  });
});
