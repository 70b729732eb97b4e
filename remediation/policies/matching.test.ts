import { describe, expect, it } from '@jest/globals';
import type { AegisRemediation } from '../../crds/remediation.ts';
import type { PolicySelector } from '../../crds/remediation-policy.ts';
import { anAlert, aPolicy, aRemediation } from '../../test/builders/objects.ts';
import type { TargetFacts } from '../cluster-view.ts';
import { concerns, type Concern } from './matching.ts';

const onNode = aRemediation({ spec: { target: { kind: 'Node', name: 'dev1' } } });
const byHand = aRemediation();
delete byHand.spec.ruleRef;

function ask(selector: PolicySelector | undefined, remediation: AegisRemediation = onNode, severity = 'critical') {
  const policy = aPolicy(selector === undefined ? {} : { spec: { selector } });
  return concerns(policy, { remediation, alert: anAlert({ spec: { severity } }) });
}

describe('the selector of a policy', () => {
  it.each<[PolicySelector | undefined, Concern]>([
    [undefined, 'yes'],
    [{}, 'yes'],
    [{ namespaces: [], rules: [], targetKinds: [], severities: [], risks: [], targetSelector: {} }, 'yes'],
    [{ namespaces: ['monitoring'] }, 'yes'],
    [{ namespaces: ['elsewhere'] }, 'no'],
    [{ rules: ['disk'] }, 'yes'],
    [{ rules: ['monitoring/disk'] }, 'yes'],
    [{ rules: ['elsewhere/disk', 'dis'] }, 'no'],
    [{ targetKinds: ['Pod', 'Node'] }, 'yes'],
    [{ targetKinds: ['Pod'] }, 'no'],
    [{ severities: ['Critical'] }, 'yes'],
    [{ severities: ['warning'] }, 'no'],
    [{ risks: ['Reversible'] }, 'yes'],
    [{ risks: ['Destructive'] }, 'no'],
    [{ namespaces: ['monitoring'], risks: ['Destructive'] }, 'no'],
    [{ targetSelector: { matchLabels: { pool: 'gpu' } } }, 'unknown'],
    [{ targetSelector: { matchExpressions: [{ key: 'pool', operator: 'Exists' }] } }, 'unknown'],
    [{ targetSelector: { matchLabels: { pool: 'gpu' } }, targetKinds: ['Pod'] }, 'no'],
  ])('a policy with the selector %j concerns the attempt: %s', (selector, expected) => {
    expect(ask(selector)).toBe(expected);
  });

  it('a selector matches the severity in the terms of other senders, and no severity as none', () => {
    expect(ask({ severities: ['high'] }, onNode, 'error')).toBe('yes');
    expect(ask({ severities: ['high'] }, onNode, '')).toBe('no');
  });

  it.each<[object, Concern]>([
    [{ known: true, uid: 'n', labels: { pool: 'gpu' } }, 'yes'],
    [{ known: true, uid: 'n', labels: { pool: 'web' } }, 'no'],
    [{ known: true, uid: 'n', labels: {} }, 'no'],
    [{ known: true }, 'unknown'],
    [{ known: false }, 'unknown'],
  ])('a selector of labels of a target with the facts %j concerns it: %j: %s', (target, expected) => {
    const policy = aPolicy({ spec: { selector: { targetSelector: { matchLabels: { pool: 'gpu' } } } } });
    expect(concerns(policy, { remediation: onNode, alert: anAlert(), target: target as TargetFacts })).toBe(expected);
  });

  it('a selector of labels that cannot be compared may concern every attempt', () => {
    const targetSelector = { matchExpressions: [{ key: 'pool', operator: 'In' as const }] };
    const target = { known: true, uid: 'n', labels: { pool: 'gpu' } };
    const policy = aPolicy({ spec: { selector: { targetSelector } } });
    expect(concerns(policy, { remediation: onNode, alert: anAlert(), target })).toBe('unknown');
  });

  it('a selector of kinds may concern an attempt that names no kind', () => {
    expect(ask({ targetKinds: ['Pod'] }, aRemediation())).toBe('unknown');
  });

  it('a selector of rules does not concern the attempts of users', () => {
    expect(ask({ rules: ['disk'] }, byHand)).toBe('no');
    expect(ask({}, byHand)).toBe('yes');
  });
});
