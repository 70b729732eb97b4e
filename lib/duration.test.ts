import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseDuration } from './duration.ts';
import { Duration } from '../crds/schema.ts';

describe('parseDuration', () => {
  it.each([
    ['0', 0],
    ['0s', 0],
    ['90s', 90_000],
    ['10m', 600_000],
    ['1h30m', 5_400_000],
    ['1h30m15s250ms', 5_415_250],
    ['1.5h', 5_400_000],
    ['.5s', 500],
    ['5.s', 5000],
    ['1m1m', 120_000],
    ['250ms', 250],
    ['1500us', 1.5],
    ['1500µs', 1.5],
    ['2ns', 0.000002],
    ['-2m', -120_000],
    ['+2m', 120_000],
    ['-0s', 0],
  ])('the duration %s is %d milliseconds', (text, milliseconds) => {
    expect(parseDuration(text)).toBeCloseTo(milliseconds, 9);
  });

  it.each(['', 's', '1', '1d', '1 h', ' 1h', '1h ', '1h-2m', '.s', '--1s', '1e3s', '1H', 'one hour'])(
    '%j is not a duration',
    (text) => {
      expect(() => parseDuration(text)).toThrow(RangeError);
    },
  );

  it('a duration longer than Go can hold is refused', () => {
    expect(parseDuration('2562047h')).toBe(2_562_047 * 3_600_000);
    expect(() => parseDuration('2562048h')).toThrow('too long');
  });

  it('every duration that the schema of an object accepts can be parsed', () => {
    const digits = fc.nat({ max: 999_999 }).map(String);
    const number = fc.oneof(
      digits,
      fc.tuple(digits, digits).map((parts) => parts.join('.')),
    );
    const parts = ['h', 'm', 's', 'ms'].map((unit) => fc.option(number.map((text) => text + unit)));
    fc.assert(
      fc.property(fc.tuple(...parts), (chosen) => {
        const text = chosen.join('');
        fc.pre(Duration.safeParse(text).success);
        expect(parseDuration(text)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
