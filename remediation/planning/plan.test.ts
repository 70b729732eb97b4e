import { describe, expect, it } from '@jest/globals';
import type { Requester } from '../../crds/remediation.ts';
import { anAlert, aRule, aTemplate } from '../../test/builders/objects.ts';
import { createPlanner, planRemediation, type PlanInput } from './plan.ts';
import { compileTemplate } from '../render/index.ts';

const byRule: PlanInput = { alert: anAlert(), rule: aRule(), template: aTemplate(), attempt: 1 };
const alice: Requester = { username: 'alice', groups: ['sre'], via: 'kubectl' };

function plan(changes: Partial<PlanInput> = {}) {
  const result = planRemediation({ ...byRule, ...changes });
  if (!result.ok) throw new Error(result.message);
  return result.remediation;
}

describe('an attempt', () => {
  it('an attempt of a rule keeps its name and its manifest between versions', () => {
    const { metadata, spec } = plan();
    expect(metadata.name).toBe('default-disk-0123456789-gybap');
    expect(spec.manifestHash).toBe('sha256:89517b6a1946e09a90de3e0ca22fdbdb4170c30bef78e2f269f8df7c26f9e27f');
    expect(Object.keys(spec).sort()).toEqual([
      ...['alertRef', 'alertStatus', 'attempt', 'manifest', 'manifestHash', 'requestedBy', 'risk', 'ruleRef'],
      ...['target', 'templateRef'],
    ]);
  });

  it("an attempt of a user by a rule has the name of the rule's own attempt, so that only one of them is created", () => {
    expect(plan({ requestedBy: alice }).metadata.name).toBe(plan().metadata.name);
    expect(plan({ requestedBy: alice, dryRun: true }).metadata.name).not.toBe(plan().metadata.name);
  });

  it('an attempt of a user by a template has no rule, and the user as requester', () => {
    const { metadata, spec } = plan({ rule: undefined, requestedBy: alice, annotations: { 'aegis.io/reason': 'why' } });
    expect(spec.ruleRef).toBeUndefined();
    expect(spec.requestedBy).toEqual(alice);
    expect(metadata.labels).not.toHaveProperty('aegis.io/rule');
    expect(metadata.annotations).toEqual({ 'aegis.io/reason': 'why' });
  });

  it('an attempt needs the approvals that its rule requires, whichever user triggers it', () => {
    const rule = aRule({ spec: { approvals: 2 } });
    expect(plan({ rule }).spec.approval).toEqual({ required: 2 });
    expect(plan({ rule, requestedBy: alice }).spec.approval).toEqual({ required: 2 });
    expect(plan({ rule: aRule({ spec: { approvals: 0 } }) }).spec.approval).toBeUndefined();
  });

  it('an attempt takes values of a user before those of the alert', () => {
    expect(plan({ parameters: { node: 'dev7' } }).spec.manifest).toContain('kubectl cordon dev7');
  });

  it('the planner names the parameter that it refuses', () => {
    const result = planRemediation({ ...byRule, parameters: { node: 'x; reboot' } });
    expect(result).toMatchObject({ ok: false, problems: [{ variable: 'node', reason: 'ValueRefused' }] });
  });

  it('an attempt is the same from a planner that memoizes templates', () => {
    const planner = createPlanner(compileTemplate);
    expect(planner(byRule)).toEqual(planRemediation(byRule));
    expect(planner(byRule)).toEqual(planRemediation(byRule));
  });
});
