import { describe, expect, it } from '@jest/globals';
import { after, anAlert, aPolicy, aRule, aRemediation } from '../../test/builders/objects.ts';
import { aCluster } from '../../test/builders/cluster.ts';
import type { RemediationFacts } from '../decision/facts.ts';
import { auditEntry, skippedEntry } from './record.ts';
import { foundOut } from '../../test/builders/facts.ts';

function facts(changes: Partial<RemediationFacts> = {}): RemediationFacts {
  return {
    remediation: aRemediation({
      spec: { manifest: '{"token":"hunter2"}', requestedBy: { username: 'ann', groups: ['sre'], via: 'slack' } },
      status: {
        approvals: [{ user: 'bob', groups: ['sre'], via: 'kubectl', time: 'x', decision: 'Approved', comment: 'go' }],
      },
    }),
    alert: anAlert({ spec: { startsAt: '2026-01-02T11:59:50Z' } }),
    episodes: [],
    siblings: [],
    cluster: aCluster({ policies: [aPolicy()] }),
    target: { known: false },
    workflow: undefined,
    run: foundOut,
    deadlines: { start: 0, grace: 0 },
    now: after(5),
    ...changes,
  };
}

const decision = { decision: 'Blocked', reason: 'Paused', message: 'by jane' } as const;

describe('an audit record', () => {
  it('an audit record has the decision, the alert, the user and the duration', () => {
    expect(auditEntry(facts(), decision)).toMatchObject({
      ...decision,
      time: '2026-01-02T12:00:05.000Z',
      rule: 'monitoring/disk@3',
      template: 'monitoring/cordon@7',
      attempt: 1,
      requestedBy: { username: 'ann', via: 'slack' },
      approvals: [{ user: 'bob', via: 'kubectl', decision: 'Approved' }],
      policies: ['everything'],
      sinceStart: { received: 10_000, planned: 10_000, decided: 15_000 },
    });
  });

  it('an audit record identifies the policies by a hash, and leaves out those that concern other objects', () => {
    const under = (...policies: ReturnType<typeof aPolicy>[]) =>
      auditEntry(facts({ cluster: aCluster({ policies }) }), decision);
    const elsewhere = aPolicy({ metadata: { name: 'other' }, spec: { selector: { namespaces: ['elsewhere'] } } });
    expect(under(aPolicy(), elsewhere)).toEqual(under(aPolicy()));
    expect(under(aPolicy({ spec: { dryRun: true } })).policyHash).not.toBe(under(aPolicy()).policyHash);
  });

  it('an audit record holds neither the manifest nor the comments of users', () => {
    const text = JSON.stringify(auditEntry(facts(), decision));
    expect(text).not.toContain('hunter2');
    expect(text).not.toContain('"go"');
  });

  it('an audit record can be made when the alert is gone', () => {
    expect(auditEntry(facts({ alert: undefined }), decision)).toMatchObject({ policies: [], sinceStart: {} });
  });

  it('an audit record of an alert without an attempt has the reason and the rule', () => {
    const skipped = { alert: anAlert(), rule: aRule(), reason: 'TriggerFailed', message: 'x'.repeat(5_000) };
    const entry = skippedEntry(skipped, after(5));
    expect(entry).toMatchObject({
      ...{ decision: 'Skipped', reason: 'TriggerFailed', time: '2026-01-02T12:00:05.000Z' },
      ...{ alert: { namespace: 'monitoring', uid: 'alert-1' }, rule: 'monitoring/disk@3' },
    });
    expect(entry.message).toHaveLength(1_024);
  });
});
