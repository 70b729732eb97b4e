import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AegisRemediation } from '../../crds/remediation.ts';
import { anAlert, aRemediation, aWorkflow, noon } from '../../test/builders/objects.ts';
import { aCluster } from '../../test/builders/cluster.ts';
import { decideRemediation } from './decide.ts';
import { supersederByUser } from './superseded-by-user.ts';
import { foundOut } from '../../test/builders/facts.ts';

type Changes = Parameters<typeof aRemediation>[0];

const at = (seconds: number): string => `2026-01-02T12:00:0${seconds}Z`;

/** Of the rule itself, made at second 5. */
function ofRule({ metadata, spec, status }: NonNullable<Changes> = {}): AegisRemediation {
  const requestedBy = { username: 'aegis', via: 'rule' } as const;
  return aRemediation({
    metadata: { name: 'of-rule', uid: 'of-rule', creationTimestamp: at(5), ...metadata },
    spec: { requestedBy, ...spec },
    ...(status && { status }),
  });
}

/** Jane's, made at second 5. */
function byHand({ metadata, spec, status }: NonNullable<Changes> = {}): AegisRemediation {
  const requestedBy = { username: 'jane', via: 'kubectl' } as const;
  return ofRule({
    metadata: { name: 'by-hand', uid: 'by-hand', ...metadata },
    spec: { requestedBy, ...spec },
    ...(status && { status }),
  });
}

function decide(remediation: AegisRemediation, sibling: AegisRemediation, workflow = false) {
  return decideRemediation({
    remediation,
    alert: anAlert({ spec: { status: remediation.spec.alertStatus } }),
    episodes: [],
    siblings: [sibling],
    cluster: aCluster(),
    target: { known: false },
    workflow: workflow ? aWorkflow({ phase: 'Running' }) : undefined,
    run: foundOut,
    deadlines: { start: 600_000, grace: 60_000 },
    now: noon,
  });
}

const superseded = {
  action: 'record',
  standing: {
    phase: 'Superseded',
    reason: 'TriggeredByUser',
    message: 'jane started by-hand for the same alert at this moment or before',
  },
};

describe('an attempt of a rule beside one of a user', () => {
  it.each([
    ['made in the same second', byHand()],
    ['made before', byHand({ metadata: { creationTimestamp: at(4) } })],
    ['whose name comes first', byHand({ metadata: { name: 'a' } })],
    ['whose name comes last', byHand({ metadata: { name: 'z' } })],
    ['that counts an earlier dry run', byHand({ spec: { attempt: 2 } })],
    ['that runs', byHand({ status: { phase: 'Running' } })],
    ['that has ended', byHand({ status: { phase: 'Failed' } })],
  ])('an attempt of a rule is superseded by one of a user %s', (_, hers) => {
    const { message } = superseded.standing;
    const standing = { ...superseded.standing, message: message.replace('by-hand', hers.metadata.name) };
    expect(decide(ofRule(), hers)).toMatchObject({ ...superseded, standing });
  });

  it.each(['Pending', 'Blocked', 'AwaitingApproval', 'Approved'] as const)(
    'an attempt of a rule is superseded by one of a user while it is %s',
    (phase) => {
      expect(decide(ofRule({ status: { phase } }), byHand())).toMatchObject(superseded);
    },
  );

  it.each([
    ['made later', byHand({ metadata: { creationTimestamp: at(6) } })],
    ['that is a dry run', byHand({ spec: { dryRun: true } })],
    ['for the resolve of the alert', byHand({ spec: { alertStatus: 'Resolved' } })],
    ['that is a rule’s as well', ofRule({ metadata: { name: 'other', uid: 'other' } })],
  ])('an attempt of a rule is not superseded by one %s', (_, other) => {
    expect(decide(ofRule(), other)).not.toMatchObject({ standing: { phase: 'Superseded' } });
  });

  it('an attempt of a rule is not superseded when it follows the ended attempt of a user', () => {
    const next = ofRule({ spec: { attempt: 2 } });
    expect(decide(next, byHand({ status: { phase: 'Failed' } }))).toEqual({ action: 'submit' });
  });

  it('an attempt of a rule is not superseded any more once its Workflow exists', () => {
    const own = ofRule({ status: { phase: 'Approved' } });
    expect(decide(own, byHand(), true)).toMatchObject({ standing: { phase: 'Running' } });
  });

  it('an attempt of a rule that is superseded has its late Workflow stopped', () => {
    const own = ofRule({ status: { phase: 'Superseded' } });
    expect(decide(own, byHand(), true)).toEqual({ action: 'stop' });
  });
});

describe('of any two attempts', () => {
  const any = fc
    .record({
      person: fc.boolean(),
      dryRun: fc.boolean(),
      alertStatus: fc.constantFrom('Firing' as const, 'Resolved' as const),
      attempt: fc.integer({ min: 1, max: 3 }),
      second: fc.integer({ min: 0, max: 3 }),
    })
    .map(({ person, second, ...spec }) =>
      (person ? byHand : ofRule)({ metadata: { creationTimestamp: at(second) }, spec }),
    );

  it('at most one of any two attempts is superseded, and never that of a user', () => {
    fc.assert(
      fc.property(any, any, (one, other) => {
        const [first, second] = [supersederByUser(one, [other]), supersederByUser(other, [one])];
        expect(first !== undefined && second !== undefined).toBe(false);
        for (const [own, superseder] of [
          [one, first],
          [other, second],
        ] as const) {
          if (own.spec.requestedBy.via !== 'rule') expect(superseder).toBeUndefined();
        }
      }),
    );
  });
});
