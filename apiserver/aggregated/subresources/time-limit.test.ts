import { describe, expect, it } from '@jest/globals';
import { after, noon } from '../../../test/builders/objects.ts';
import { limitOf, type GivenLimit } from './time-limit.ts';

const day = 24 * 3_600_000;

describe('a time limit', () => {
  it.each<[GivenLimit, Date | undefined]>([
    [{}, undefined],
    [{ for: '90s' }, after(90)],
    [{ for: '0s' }, noon],
    [{ for: '24h' }, after(86_400)],
    [{ until: '2026-01-02T12:00:01Z' }, after(1)],
  ])('a time limit given as %j is parsed', (given, end) => {
    const limit = limitOf(given, 'until', noon, day);

    expect(limit).toEqual({ end });
  });

  it.each<[GivenLimit, string]>([
    [{ for: '1h', until: '2026-01-02T13:00:00Z' }, 'expires'],
    [{ for: '25h' }, 'for'],
    [{ until: '2026-01-03T12:00:01Z' }, 'expires'],
    [{ until: '2026-01-02T12:00:00Z' }, 'expires'],
    [{ until: '2026-01-02T13:00:00+01:00' }, 'expires'],
    [{ until: '2026-13-02T12:00:00Z' }, 'expires'],
  ])('a time limit given as %j is refused for its field %s', (given, field) => {
    expect(limitOf(given, 'expires', noon, day)).toMatchObject({ cause: { reason: 'FieldValueInvalid', field } });
  });
});
