import { describe, expect, it } from '@jest/globals';
import { after, anAlert, noon } from '../test/builders/objects.ts';
import type { AlertStatus } from '../crds/alert.ts';
import { lifetimeOf } from './lifetime.ts';

const defaults = { afterSuccess: 100_000, afterFailure: 200_000, afterNoOps: 300_000, staleAfter: 1_000_000 };

function at(seconds: number, alert: Parameters<typeof anAlert>[0], status: Partial<AlertStatus> = {}) {
  return lifetimeOf(anAlert(alert), status, { defaults, now: after(seconds) });
}

const resolvedAtNoon: Partial<AlertStatus> = {
  conditions: [
    { type: 'Resolved', status: 'True', reason: 'Resolved', message: '', lastTransitionTime: '2026-01-02T12:00:00Z' },
  ],
};
const resolved = { spec: { status: 'Resolved' as const } };

describe('the lifetime of an episode', () => {
  it('has no end while the alert fires, also when its remediation succeeded long ago', () => {
    const status = {
      opsStatus: { alertOpsStatus: 'Succeeded' as const, completionTime: '2026-01-02T12:00:01Z', active: 0 },
    };
    const alert = { spec: { ttlStrategy: { secondsAfterSuccess: 1 } } };
    expect(at(999, alert, status)).toEqual({ stale: false, expired: false, next: after(1000) });
  });

  it('goes on with each repetition', () => {
    const lifetime = at(1500, { status: { count: 5, lastSeenTime: '2026-01-02T12:20:00Z' } });
    expect(lifetime).toEqual({ stale: false, expired: false, next: after(1200 + 1000) });
  });

  it('ends as stale when nothing was heard for long, and only then does its time to live begin', () => {
    expect(at(1000, {})).toEqual({ stale: true, expired: false, next: after(1300) });
    expect(at(1300, {})).toEqual({ stale: true, expired: true });
  });

  it.each([
    ['success', 'Succeeded' as const, 100],
    ['failure', 'Failed' as const, 200],
    ['no remediation', undefined, 300],
  ])('lasts its default time after a resolve with %s', (_, alertOpsStatus, seconds) => {
    const status = { ...resolvedAtNoon, ...(alertOpsStatus && { opsStatus: { alertOpsStatus } }) };
    expect(at(seconds - 1, resolved, status)).toEqual({ stale: false, expired: false, next: after(seconds) });
    expect(at(seconds, resolved, status)).toMatchObject({ expired: true });
  });

  it.each([
    ['secondsAfterSuccess', 'Succeeded' as const],
    ['secondsAfterFailure', 'Failed' as const],
    ['secondsAfterNoOps', undefined],
  ])('obeys %s before secondsAfterCompletion', (field, alertOpsStatus) => {
    const status = { ...resolvedAtNoon, ...(alertOpsStatus && { opsStatus: { alertOpsStatus } }) };
    const both = { spec: { status: 'Resolved' as const, ttlStrategy: { secondsAfterCompletion: 50, [field]: 10 } } };
    expect(at(0, both, status).next).toEqual(after(10));
    const one = { spec: { status: 'Resolved' as const, ttlStrategy: { secondsAfterCompletion: 50 } } };
    expect(at(0, one, status).next).toEqual(after(50));
  });

  it('takes a time to live of zero at its word', () => {
    const alert = { spec: { status: 'Resolved' as const, ttlStrategy: { secondsAfterNoOps: 0 } } };
    expect(at(0, alert, resolvedAtNoon).expired).toBe(true);
  });

  it('counts from the end of the last attempt when that is later than the resolve', () => {
    const opsStatus = { alertOpsStatus: 'Succeeded' as const, completionTime: '2026-01-02T12:01:00Z', active: 0 };
    expect(at(0, resolved, { ...resolvedAtNoon, opsStatus }).next).toEqual(after(160));
  });

  it('does not end while an attempt is at work', () => {
    const opsStatus = { alertOpsStatus: 'Running' as const, active: 1 };
    expect(at(1_000_000, resolved, { ...resolvedAtNoon, opsStatus })).toEqual({ stale: false, expired: false });
  });

  it('begins at the resolve that is being recorded right now', () => {
    expect(lifetimeOf(anAlert(resolved), {}, { defaults, now: noon }).next).toEqual(after(300));
  });
});
