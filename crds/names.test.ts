import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { alertName, remediationName, requestedName } from './names.ts';

describe('alertName', () => {
  it('an alert name is source, type and hash, with the episode from the second on', () => {
    const first = alertName('default', 'NodeHasEmergencyEvent', 'key', 1);
    expect(first).toMatch(/^default-nodehasemergencyevent-[0-9a-z]{10}$/);
    expect(alertName('default', 'NodeHasEmergencyEvent', 'key', 2)).toBe(`${first}-2`);
  });

  it('an alert name is a valid object name with room for a remediation suffix, for any type', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.string(),
        fc.integer({ min: 1, max: 99999 }),
        (type, key, n) => {
          const name = alertName('alertmanager', type, key, n);
          expect(name).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
          expect(name.length).toBeLessThanOrEqual(57);
        },
      ),
    );
  });

  it('alert names differ between keys whose types are cut to the same text', () => {
    const type = 'x'.repeat(200);
    expect(alertName('default', type, 'a', 1)).not.toBe(alertName('default', type, 'b', 1));
  });
});

describe('remediationName', () => {
  const alert = { name: 'default-disk-0123456789', uid: 'u1' };
  const plan = { rule: 'ns/rule', template: 'ns/template', attempt: 1 };

  it('a remediation name is the alert name and five deterministic characters', () => {
    expect(remediationName(alert, plan)).toMatch(/^default-disk-0123456789-[0-9a-z]{5}$/);
    expect(remediationName(alert, plan)).toBe(remediationName({ ...alert }, { ...plan }));
  });

  it.each([
    ['another episode of the same name', { ...alert, uid: 'u2' }, plan],
    ['another rule', alert, { ...plan, rule: 'ns/other' }],
    ['another template', alert, { ...plan, template: 'ns/other' }],
    ['another attempt', alert, { ...plan, attempt: 2 }],
    ['a rehearsal', alert, { ...plan, dryRun: true }],
  ])('a remediation name differs for %s', (_, otherAlert, otherPlan) => {
    expect(remediationName(otherAlert, otherPlan)).not.toBe(remediationName(alert, plan));
  });

  it('a remediation name of a request is deterministic and differs from those of rules', () => {
    expect(requestedName(alert, 'r1')).toMatch(/^default-disk-0123456789-[0-9a-z]{5}$/);
    expect(requestedName(alert, 'r1')).toBe(requestedName({ ...alert }, 'r1'));
    const names = [
      requestedName(alert, 'r2'),
      requestedName({ ...alert, uid: 'u2' }, 'r1'),
      remediationName(alert, plan),
    ];
    expect(names).not.toContain(requestedName(alert, 'r1'));
  });
});
