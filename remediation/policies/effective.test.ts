import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AegisRemediationPolicy, RemediationPolicySpec } from '../../crds/remediation-policy.ts';
import { anAlert, aPolicy, aRemediation } from '../../test/builders/objects.ts';
import { effectivePolicy, type EffectivePolicy } from './effective.ts';
import { concerns } from './matching.ts';
import { windowState } from './windows.ts';

const selected = { remediation: aRemediation(), alert: anAlert() };

function of(...specs: Partial<RemediationPolicySpec>[]): EffectivePolicy {
  const policies = specs.map((spec, index) => aPolicy({ metadata: { name: `p${index}` }, spec }));
  return effectivePolicy(policies, selected);
}

const asks = (changes: object = {}) => ({
  approval: { required: 1, requesterMayApprove: false, timeout: '15m', ...changes },
});

describe('the combination of all policies', () => {
  it('the combination of no policies is one attempt and nothing else', () => {
    expect(of()).toEqual({
      policies: [],
      problems: [],
      approval: { required: 0, approverGroups: [], requesterMayApprove: false },
      cooldownMs: 0,
      maxAttempts: 1,
      windows: [],
      storms: [],
      dryRun: [],
      onResolve: 'LetFinish',
    });
  });

  it('the combination of policies is the strictest value of each field, from any policy', () => {
    const night = { start: '22:00', end: '06:00', timeZone: 'UTC', mode: 'OnlyDuring' } as const;
    const together = of(
      { cooldown: '10m', backoff: '1m', maxAttempts: 5, circuitBreaker: { failures: 3, openFor: '2h' } },
      { cooldown: '5m', backoff: '2m', maxAttempts: 3, circuitBreaker: { failures: 5, openFor: '1h' } },
      { verification: { healthyFor: '1m', timeout: '10m' }, maintenanceWindows: [night], onResolve: 'Stop' },
      { verification: { healthyFor: '2m', timeout: '5m' }, dryRun: true },
    );
    expect(together).toMatchObject({
      cooldownMs: 600_000,
      backoffMs: 120_000,
      maxAttempts: 3,
      circuitBreaker: { failures: 3, openForMs: 7_200_000 },
      verification: { healthyForMs: 120_000, timeoutMs: 600_000 },
      windows: [{ policy: 'p2', windows: [night] }],
      dryRun: ['p3'],
      onResolve: 'Stop',
    });
  });

  it('the combination of policies allows more than one attempt only where success is verified', () => {
    expect(of({ maxAttempts: 3 }).maxAttempts).toBe(1);
    expect(of({ maxAttempts: 3 }, { verification: { healthyFor: '1m', timeout: '2m' } }).maxAttempts).toBe(3);
    expect(of({ verification: { healthyFor: '1m', timeout: '2m' } }).maxAttempts).toBe(1);
  });

  it('the combination has nothing of a policy that concerns other objects, and all of one that may concern the target', () => {
    expect(of({ selector: { namespaces: ['elsewhere'] }, cooldown: '1h' })).toMatchObject({ cooldownMs: 0 });
    const labelled = { selector: { targetSelector: { matchLabels: { pool: 'gpu' } } }, cooldown: '1h' };
    expect(of(labelled)).toMatchObject({ policies: ['p0'], cooldownMs: 3_600_000 });
  });

  it('the combination of policies names the parts that cannot be evaluated', () => {
    const broken = of({
      cooldown: 'soon',
      maintenanceWindows: [{ start: '22:00', end: '06:00', timeZone: 'Mars/Olympus', mode: 'OnlyDuring' }],
      selector: { targetSelector: { matchExpressions: [{ key: 'pool', operator: 'In' }] } },
      ...asks({ timeout: '' }),
    });
    expect(broken.problems).toEqual([
      'policy p0: spec.cooldown is not a duration: "soon"',
      'policy p0: spec.approval.timeout is not a duration: ""',
      'policy p0: spec.selector.targetSelector cannot be used: selector: pool In needs values',
      'policy p0: there is no time zone "Mars/Olympus"',
    ]);
  });
});

describe('the approval that all policies together require', () => {
  it('the combined approval needs the most users, in the shortest time, and allows the requester only if all agree', () => {
    const { approval } = of(asks({ required: 2, timeout: '1h', requesterMayApprove: true }), asks({ timeout: '5m' }));
    expect(approval).toEqual({ required: 2, approverGroups: [], requesterMayApprove: false, timeoutMs: 300_000 });
    expect(of(asks({ requesterMayApprove: true }), {}).approval.requesterMayApprove).toBe(true);
  });

  it('the combined approval is given by members of a group that each policy accepts', () => {
    const sre = asks({ approverGroups: ['sre', 'gpu'] });
    expect(of(sre, asks({ approverGroups: ['gpu', 'ops'] }), asks()).approval.approverGroups).toEqual(['gpu']);
  });

  it('the combined approval is impossible where the groups have nothing in common, and admits no user instead', () => {
    const { approval } = of(asks({ approverGroups: ['sre'] }), asks({ approverGroups: ['gpu'] }));
    expect(approval.impossible).toBe('policies p0, p1 have no approver group in common');
    expect(approval.approverGroups).toEqual(['sre']);
  });

  it('the combined approval takes the groups also from a policy that requires no approval itself', () => {
    expect(of(asks({ required: 0, approverGroups: ['sre'] }), asks()).approval).toMatchObject({
      required: 1,
      approverGroups: ['sre'],
    });
  });
});

const minutes = fc.integer({ min: 1, max: 240 }).map((count) => `${count}m`);
const groups = fc.subarray(['sre', 'gpu', 'ops'], { minLength: 1 });
const hour = fc.integer({ min: 0, max: 23 }).map((value) => `${String(value).padStart(2, '0')}:00`);
const window = fc
  .record({
    start: hour,
    end: hour,
    timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York'),
    mode: fc.constantFrom('OnlyDuring' as const, 'NeverDuring' as const),
  })
  .filter(({ start, end }) => start !== end);
const approval = fc.record(
  { required: fc.nat(3), requesterMayApprove: fc.boolean(), timeout: minutes, approverGroups: groups },
  { requiredKeys: ['required', 'requesterMayApprove', 'timeout'] },
);
const spec: fc.Arbitrary<Partial<RemediationPolicySpec>> = fc.record(
  {
    approval,
    cooldown: minutes,
    backoff: minutes,
    maxAttempts: fc.integer({ min: 1, max: 5 }),
    circuitBreaker: fc.record({ failures: fc.integer({ min: 1, max: 5 }), openFor: minutes }),
    stormControl: fc.record({ alerts: fc.integer({ min: 1, max: 9 }), window: minutes, cooldown: minutes }),
    maintenanceWindows: fc.array(window, { minLength: 1, maxLength: 2 }),
    dryRun: fc.boolean(),
    verification: fc.constantFrom(
      { healthyFor: '1m', timeout: '5m' },
      { healthyFor: '3m', timeout: '4m' },
      { healthyFor: '2m', timeout: '9m' },
    ),
    onResolve: fc.constantFrom('LetFinish' as const, 'Stop' as const),
  },
  { requiredKeys: [] },
);
const policies = fc
  .array(spec, { maxLength: 4 })
  .map((specs) => specs.map((one, index) => aPolicy({ metadata: { name: `p${index}` }, spec: one })));
const person = fc.subarray(['sre', 'gpu', 'ops']);

function admits(
  { impossible, approverGroups }: EffectivePolicy['approval'],
  groupsOfPerson: readonly string[],
): boolean {
  const choosy = approverGroups.length > 0;
  return impossible === undefined && (!choosy || approverGroups.some((group) => groupsOfPerson.includes(group)));
}

/** Whether a policy that is certainly about it grants a number of attempts. */
function grants(policy: AegisRemediationPolicy): boolean {
  return policy.spec.maxAttempts !== undefined && concerns(policy, selected) === 'yes';
}

function expectNoEarlier(before: EffectivePolicy['verification'], after: EffectivePolicy['verification']): void {
  if (before === undefined) return;
  expect(after?.healthyForMs).toBeGreaterThanOrEqual(before.healthyForMs);
  expect(after?.timeoutMs).toBeGreaterThanOrEqual(before.timeoutMs);
}

describe('one policy more', () => {
  const one = spec.map((given) => aPolicy({ metadata: { name: 'one-more' }, spec: given }));
  const at = fc.date({ min: new Date('2026-01-01'), max: new Date('2027-01-01'), noInvalidDate: true });

  it('an additional policy never loosens anything', () => {
    fc.assert(
      fc.property(policies, one, person, at, (some, more, groupsOfPerson, now) => {
        const before = effectivePolicy(some, selected);
        const after = effectivePolicy([...some, more], selected);
        expect(after.cooldownMs).toBeGreaterThanOrEqual(before.cooldownMs);
        expect(after.backoffMs ?? 0).toBeGreaterThanOrEqual(before.backoffMs ?? 0);
        expect(after.approval.required).toBeGreaterThanOrEqual(before.approval.required);
        expect(after.approval.timeoutMs ?? Infinity).toBeLessThanOrEqual(before.approval.timeoutMs ?? Infinity);
        expect(after.dryRun.length).toBeGreaterThanOrEqual(before.dryRun.length);
        expect(after.storms).toEqual(expect.arrayContaining([...before.storms]));
        expectNoLooser(before.circuitBreaker, after.circuitBreaker);
        if (!admits(before.approval, groupsOfPerson)) expect(admits(after.approval, groupsOfPerson)).toBe(false);
        if (some.some(({ spec: { approval: said } }) => said !== undefined) && !before.approval.requesterMayApprove) {
          expect(after.approval.requesterMayApprove).toBe(false);
        }
        if (before.onResolve === 'Stop') expect(after.onResolve).toBe('Stop');
        if (!windowState(before.windows, now).open) expect(windowState(after.windows, now).open).toBe(false);
        expectNoEarlier(before.verification, after.verification);
        if (before.verification && some.some(grants)) {
          expect(after.maxAttempts).toBeLessThanOrEqual(before.maxAttempts);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('an additional policy makes the same difference at any position', () => {
    fc.assert(
      fc.property(policies, one, (some, more) => {
        expect(comparable([more, ...some])).toEqual(comparable([...some, more]));
      }),
    );
  });
});

function expectNoLooser(before: EffectivePolicy['circuitBreaker'], after: EffectivePolicy['circuitBreaker']): void {
  if (before === undefined) return;
  expect(after?.failures).toBeLessThanOrEqual(before.failures);
  expect(after?.openForMs).toBeGreaterThanOrEqual(before.openForMs);
}

/** Without what only names policies in their order. */
function comparable(all: readonly AegisRemediationPolicy[]) {
  const { approval: demanded, windows, dryRun, storms, policies: names, ...rest } = effectivePolicy(all, selected);
  const { impossible, approverGroups, ...people } = demanded;
  const possible = impossible === undefined ? [...approverGroups].sort() : [];
  return { ...rest, ...people, possible, counts: [windows.length, dryRun.length, storms.length, names.length] };
}
