import { describe, expect, it } from '@jest/globals';
import { planRemediation, type PlanInput } from '../../../remediation/planning/plan.ts';
import { anAlert, aRule, aTemplate } from '../../../test/builders/objects.ts';
import { rememberPlans } from './plan-memory.ts';

const asked: PlanInput = {
  ...{ alert: anAlert(), rule: aRule(), template: aTemplate(), attempt: 1 },
  requestedBy: { username: 'alice', via: 'kubectl' },
};

/** How many of these questions were planned. */
function planned(...questions: readonly PlanInput[]): number {
  let count = 0;
  const planner = rememberPlans((input) => {
    count += 1;
    return planRemediation(input);
  });
  for (const question of questions) expect(planner(question)).toEqual(planRemediation(question));
  return count;
}

describe('plans that are remembered', () => {
  it('a plan is made once for the same input', () => {
    expect(planned(asked, { ...asked }, { ...asked, requestedBy: { username: 'alice', via: 'kubectl' } })).toBe(1);
  });

  it.each<[string, Partial<PlanInput>]>([
    ['alert', { alert: anAlert({ spec: { details: { node: 'dev2' } } }) }],
    ['rule', { rule: aRule({ spec: { approvals: 2 } }) }],
    ['template', { template: aTemplate({ spec: { risk: 'Destructive' } }) }],
    ['attempt', { attempt: 2 }],
    ['requester', { requestedBy: { username: 'bob', via: 'kubectl' } }],
    ['parameters', { parameters: { node: 'dev3' } }],
  ])('a plan is made again for another %s', (_, changes) => {
    expect(planned(asked, { ...asked, ...changes })).toBe(2);
  });

  it('plans of several rules are remembered at the same time', () => {
    const other = { ...asked, rule: aRule({ metadata: { name: 'other' } }) };
    expect(planned(asked, other, asked, other)).toBe(2);
  });
});
