import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { after, anAlert, noon } from '../../test/builders/objects.ts';
import { stormOf, type StormLimit } from './storms.ts';

const limit: StormLimit = { policy: 'p', namespaces: [], alerts: 3, windowMs: 60_000, cooldownMs: 300_000 };

/** Alerts that came in so many seconds after noon. */
const at = (...seconds: number[]) =>
  seconds.map((second) => anAlert({ metadata: { creationTimestamp: `${after(second).toISOString().slice(0, 19)}Z` } }));

describe('a storm of alerts', () => {
  it('a storm begins with one alert more within the window than the limit', () => {
    expect(stormOf(at(0, 10, 20), limit, after(20))).toBeUndefined();
    expect(stormOf(at(0, 10, 20, 60), limit, after(60))).toBeUndefined();
    expect(stormOf(at(0, 10, 20, 59), limit, after(59))?.recent).toBe(4);
  });

  it('a storm is over when the window is within the limit again, and blocks for the cool-down', () => {
    const alerts = at(0, 10, 20, 30);
    expect(stormOf(alerts, limit, after(30))?.until).toEqual(after(60 + 300));
    expect(stormOf(alerts, limit, after(200))).toEqual({ recent: 0, until: after(360) });
    expect(stormOf(alerts, limit, after(359))).toBeDefined();
    expect(stormOf(alerts, limit, after(360))).toBeUndefined();
  });

  it('a storm lasts for as long as alerts arrive', () => {
    const alerts = at(0, 10, 20, 30, 40, 50, 60, 70, 80);
    expect(stormOf(alerts, limit, after(80))?.until).toEqual(after(50 + 60 + 300));
  });

  it('a storm counts the alerts of the selected namespaces', () => {
    const elsewhere = at(0, 1, 2, 3);
    expect(stormOf(elsewhere, { ...limit, namespaces: ['other'] }, noon)).toBeUndefined();
    expect(stormOf(elsewhere, { ...limit, namespaces: ['monitoring'] }, after(3))).toBeDefined();
  });

  it('a storm blocks exactly when some window that ended within the cool-down exceeded the limit', () => {
    const seconds = fc.array(fc.integer({ min: 0, max: 600 }), { maxLength: 30 });
    fc.assert(
      fc.property(seconds, fc.integer({ min: 0, max: 900 }), (times, now) => {
        const known = times.filter((time) => time <= now);
        const inWindow = (end: number): number => known.filter((time) => time > end - 60 && time <= end).length;
        const ends = Array.from({ length: 300 }, (_, ago) => now - ago);
        const expected = ends.some((end) => inWindow(end) > limit.alerts);
        expect(stormOf(at(...known), limit, after(now)) !== undefined).toBe(expected);
      }),
    );
  });
});
