import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { dedupKey, fingerprintOf, readFingerprint } from './fingerprint.ts';

describe('fingerprintOf', () => {
  it('does not depend on the order of entries', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), (map) => {
        const reversed = Object.fromEntries(Object.entries(map).reverse());
        expect(fingerprintOf([reversed])).toBe(fingerprintOf([map]));
      }),
    );
  });

  it('tells apart what merely reads the same when joined', () => {
    expect(fingerprintOf([{ a: 'b,c:d' }])).not.toBe(fingerprintOf([{ a: 'b', c: 'd' }]));
    expect(fingerprintOf(['ab', 'c'])).not.toBe(fingerprintOf(['a', 'bc']));
  });
});

describe('readFingerprint', () => {
  it.each([undefined, null, '', '  ', {}, [], true])('takes %j for none', (value) => {
    expect(readFingerprint(value)).toBeUndefined();
  });

  it('keeps long ones apart instead of cutting them', () => {
    const [one, other] = [readFingerprint(`${'x'.repeat(300)}1`), readFingerprint(`${'x'.repeat(300)}2`)];
    expect(one).not.toBe(other);
    expect(one?.length).toBeLessThanOrEqual(256);
  });
});

describe('dedupKey', () => {
  it('is a label value that depends on source, tenant and fingerprint', () => {
    const key = dedupKey('default', 'monitoring', 'f');
    expect(key).toMatch(/^[0-9a-f]{63}$/);
    const others = [
      dedupKey('grafana', 'monitoring', 'f'),
      dedupKey('default', 'm', 'f'),
      dedupKey('default', 'monitoring', 'g'),
    ];
    expect(new Set([key, ...others]).size).toBe(4);
  });
});
