import { describe, expect, it } from '@jest/globals';
import { onNode } from '../../test/builders/gates.ts';
import { after, anAlert, aPolicy, noon } from '../../test/builders/objects.ts';
import { aCluster } from '../../test/builders/cluster.ts';
import type { RemediationPolicySpec } from '../../crds/remediation-policy.ts';
import { decideRemediation } from '../decision/decide.ts';
import { storm } from './storm.ts';
import { withPolicy } from '../gate.ts';
import { foundOut } from '../../test/builders/facts.ts';

const stormControl = { alerts: 49, window: '5m', cooldown: '10m' };
const alerts = Array.from({ length: 50 }, (_, index) =>
  anAlert({ metadata: { name: `a${index}`, uid: `a${index}`, creationTimestamp: '2026-01-02T12:00:00Z' } }),
);

const factsOf = (remediation = onNode(), spec: Partial<RemediationPolicySpec> = { stormControl }) =>
  withPolicy({
    remediation,
    alert: anAlert(),
    siblings: [],
    cluster: aCluster({ policies: [aPolicy({ spec })], alerts }),
    target: { known: false },
    now: noon,
  });

describe('the gate of storms', () => {
  it('the gate of storms blocks attempts of rules, and shows until when and the remedies of users', () => {
    expect(storm.ask(factsOf())).toEqual({
      reason: 'AlertStorm',
      message:
        '50 new alerts within 300 s, more than the 49 that policy everything allows; rules start nothing before 2026-01-02T12:15:00Z, users may',
      until: after(900),
    });
    expect(storm.ask({ ...factsOf(), now: after(600) })?.message).toMatch(
      /^policy everything holds attempts until its cooldown after a storm of alerts has passed/,
    );
    expect(storm.ask({ ...factsOf(), now: after(900) })).toBeUndefined();
  });

  it('the gate of storms passes attempts of users, and undo attempts', () => {
    const byHand = onNode({ spec: { requestedBy: { username: 'jane', via: 'kubectl' } } });
    expect(storm.ask(factsOf(byHand))).toBeUndefined();
    expect(storm.ask(factsOf(onNode({ spec: { alertStatus: 'Resolved' } })))).toBeUndefined();
  });

  it('the gate of storms is not closed by a policy without a storm limit, or for other namespaces', () => {
    expect(storm.ask(factsOf(onNode(), {}))).toBeUndefined();
    expect(storm.ask(factsOf(onNode(), { stormControl, selector: { namespaces: ['other'] } }))).toBeUndefined();
  });
});

describe('F16: a storm that is over as suddenly as it came', () => {
  it('F16: a storm that is over is followed by no second wave on recovered objects, neither by waiting nor by later attempts', () => {
    const decide = (alert = anAlert(), now = after(600)) =>
      decideRemediation({
        ...factsOf(),
        alert,
        now,
        episodes: [],
        workflow: undefined,
        run: foundOut,
        deadlines: { start: 600_000, grace: 60_000 },
      });
    const held = decide();
    expect(held.action === 'record' && held.standing).toMatchObject({ phase: 'Blocked', reason: 'AlertStorm' });
    const healed = decide(anAlert({ spec: { status: 'Resolved' } }), after(1_000));
    expect(healed.action === 'record' && healed.standing.phase).toBe('Cancelled');
    expect(decide(anAlert(), after(1_000))).toEqual({ action: 'submit' });
  });
});
