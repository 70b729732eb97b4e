import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AlertDetails } from '../crds/alert.ts';
import { boundedDetails, boundedText, leftOutKey } from './bounds.ts';

describe('boundedText', () => {
  it('boundedText leaves short text unchanged and marks the text that it cuts', () => {
    expect(boundedText('abc', 3)).toBe('abc');
    expect(boundedText('abcd', 3)).toBe('ab…');
  });

  it('boundedText never splits a character nor exceeds the bound', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), fc.integer({ min: 2, max: 12 }), (text, max) => {
        const bounded = boundedText(text, max);
        expect(bounded.length).toBeLessThanOrEqual(max);
        expect(bounded.isWellFormed()).toBe(true);
      }),
    );
  });

  it('boundedText replaces halves of characters that a sender escaped', () => {
    expect(boundedText(JSON.parse('"a\\ud800"') as string, 10)).toBe('a\uFFFD');
  });
});

describe('boundedDetails', () => {
  it('boundedDetails keeps the first of equal keys', () => {
    expect(
      boundedDetails([
        ['a', '1'],
        ['a', '2'],
      ]),
    ).toEqual({ a: '1' });
  });

  it('boundedDetails cuts long values and counts the entries that do not fit', () => {
    const many = Array.from({ length: 200 }, (_, n) => [`key-${n}`, 'v'] as const);
    const details = boundedDetails([['long', 'x'.repeat(10_000)], ['k'.repeat(300), 'v'], ...many]);
    expect(details['long']).toHaveLength(8192);
    expect(Object.keys(details)).toHaveLength(128);
    expect(details[leftOutKey]).toBe('75 more entries did not fit');
    expect(AlertDetails.safeParse({ ...details }).success).toBe(true);
  });

  it('an alert stays below the size limit of etcd for any input', () => {
    const details = boundedDetails(Array.from({ length: 128 }, (_, n) => [`k${n}`, '\u0001'.repeat(8192)] as const));
    expect(Buffer.byteLength(JSON.stringify(details))).toBeLessThan(1_000_000);
  });
});
