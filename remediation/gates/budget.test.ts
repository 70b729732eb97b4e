import { describe, expect, it } from '@jest/globals';
import { aNode, someNodes } from '../../test/builders/nodes.ts';
import { anAlert, aPolicy, aRemediation, noon } from '../../test/builders/objects.ts';
import { aCluster } from '../../test/builders/cluster.ts';
import { decideRemediation } from '../decision/decide.ts';
import type { NodeFacts } from '../cluster-view.ts';
import { budget } from './budget.ts';
import { withPolicy } from '../gate.ts';
import { foundOut } from '../../test/builders/facts.ts';

const selector = { targetKinds: ['Node'] };
const gpu = aPolicy({ metadata: { name: 'gpu' }, spec: { selector, budget: { maxUnhealthy: '10%', maxTargets: 4 } } });

function onNode(name: string, spec = {}) {
  return aRemediation({ metadata: { name, uid: name }, spec: { target: { kind: 'Node', name }, ...spec } });
}

function factsOf(remediation: ReturnType<typeof onNode>, nodes: readonly NodeFacts[], alert = anAlert()) {
  const cluster = aCluster({ policies: [gpu], nodes, alerts: [alert] });
  const usual = {
    siblings: [],
    episodes: [],
    target: { known: false },
    workflow: undefined,
    run: foundOut,
    deadlines: { start: 1, grace: 1 },
  };
  return withPolicy({ ...usual, remediation, alert, cluster, now: noon });
}

const broken = [...someNodes(36), ...['a', 'b', 'c', 'd'].map((name) => aNode(name, { ready: 'False' }))];

describe('the gate of budgets', () => {
  it('the gate of budgets names the policy, the bound and the unhealthy objects', () => {
    expect(budget.ask(factsOf(onNode('n0'), broken))).toEqual({
      reason: 'BudgetExceeded',
      message: 'policy gpu: 4 of 4 allowed unhealthy or at work (unhealthy: node/a, node/b, node/c, node/d)',
    });
    expect(budget.ask(factsOf(onNode('a'), broken))).toBeUndefined();
  });

  it('F7: the gate of budgets passes undo attempts and attempts that only read', () => {
    expect(budget.ask(factsOf(onNode('n0', { alertStatus: 'Resolved' }), broken))).toBeUndefined();
    expect(budget.ask(factsOf(onNode('n0', { risk: 'ReadOnly' }), broken))).toBeUndefined();
  });

  it('the gate of budgets ignores a policy that concerns other objects', () => {
    const onPod = aRemediation({ spec: { target: { kind: 'Pod', namespace: 'x', name: 'y' } } });
    expect(budget.ask(factsOf(onPod, broken))).toBeUndefined();
  });
});

describe('F16: fifty nodes that fail and heal', () => {
  it('F16: fifty nodes that fail and recover get no late attempts: an attempt that waits for the budget ends with its alert', () => {
    const sick = someNodes(50, { ready: 'False' });
    const attempts = sick.map(({ metadata }) => onNode(metadata.name));
    const held = attempts.map((attempt) => decideRemediation(factsOf(attempt, sick)));
    expect(held.every((plan) => plan.action === 'record' && plan.standing.reason === 'BudgetExceeded')).toBe(true);
    const over = anAlert({ spec: { status: 'Resolved' } });
    const later = attempts.map((attempt) => decideRemediation(factsOf(attempt, someNodes(50), over)));
    expect(later.every((plan) => plan.action === 'record' && plan.standing.phase === 'Cancelled')).toBe(true);
  });
});
