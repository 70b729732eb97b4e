import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { boundOf } from './bound.ts';

describe('a percentage', () => {
  const totals = Array.from({ length: 20 }, (_, index) => index + 1);

  it.each([
    ['0%', totals.map(() => 0)],
    ['1%', totals.map(() => 1)],
    ['10%', [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2]],
    ['33%', [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 6, 7, 7]],
    ['50%', [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10]],
    ['100%', totals],
  ])('the percentage %s is rounded up for 1 to 20 nodes', (maxUnhealthy, expected) => {
    expect(totals.map((total) => boundOf({ maxUnhealthy }, total))).toEqual(expected.map((allowed) => ({ allowed })));
  });

  it.each(['101%', '1000%', '-1%', '10', '1.5%', ''])(
    'the text "%s", which is no percentage, allows nothing',
    (maxUnhealthy) => {
      expect(boundOf({ maxUnhealthy }, 20)).toHaveProperty('problem');
    },
  );

  it('a percentage of no nodes, or of an unknown number, allows nothing', () => {
    expect(boundOf({ maxUnhealthy: '10%' }, 0)).toEqual({ problem: '10% of 0 nodes: the policy selects no node' });
    expect(boundOf({ maxUnhealthy: '10%' }, undefined)).toHaveProperty('problem');
  });

  it('a percentage is at least one node and at most all, and more nodes never mean fewer', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 100_000 }), (percent, total) => {
        const allowed = (of: number): number => {
          const bound = boundOf({ maxUnhealthy: `${percent}%` }, of);
          return bound !== undefined && 'allowed' in bound ? bound.allowed : Number.NaN;
        };
        expect(allowed(total)).toBeGreaterThanOrEqual(1);
        expect(allowed(total)).toBeLessThanOrEqual(total);
        expect(allowed(total) * 100).toBeGreaterThanOrEqual(percent * total);
        expect((allowed(total) - 1) * 100).toBeLessThan(percent * total);
        expect(allowed(total + 1)).toBeGreaterThanOrEqual(allowed(total));
      }),
    );
  });
});

describe('F6: a share and an absolute bound', () => {
  it.each([
    [1, 1],
    [5, 1],
    [10, 1],
    [1_000, 4],
  ])('F6: a percentage and an absolute bound of a pool of %d nodes allow %d', (total, allowed) => {
    expect(boundOf({ maxUnhealthy: '10%', maxTargets: 4 }, total)).toEqual({ allowed });
  });
});

describe('a number', () => {
  it('a number counts all selected objects, and the smaller of two bounds holds', () => {
    expect(boundOf({ maxUnhealthy: 3 }, 0)).toEqual({ allowed: 3 });
    expect(boundOf({ maxUnhealthy: 3, maxTargets: 2 }, undefined)).toEqual({ allowed: 2 });
    expect(boundOf({ maxUnhealthy: 3, maxTargets: 5 }, 10)).toEqual({ allowed: 3 });
    expect(boundOf({ maxUnhealthy: 0 }, 10)).toEqual({ allowed: 0 });
    expect(boundOf({ maxTargets: 0 }, 10)).toEqual({ allowed: 0 });
    expect(boundOf({ maxUnhealthy: -1 }, 10)).toHaveProperty('problem');
    expect(boundOf({ maxParallel: 3 }, 10)).toBeUndefined();
  });
});
