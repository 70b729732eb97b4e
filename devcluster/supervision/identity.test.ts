import { describe, expect, it } from '@jest/globals';

import { identify, isAlive, parseStat } from './identity.ts';

const stat = (command: string, state: string): string =>
  `42 (${command}) ${state} 1 42 42 0 -1 4194560 100 0 0 0 1 2 0 0 20 0 1 0 987654 1000 10 18446744073709551615`;

describe('parseStat', () => {
  it.each(['sh', 'a b', 'evil) S 1 2 3'])('parseStat finds the start time after the command %j', (command) => {
    expect(parseStat(stat(command, 'S'), 'boot')).toBe('boot/987654');
  });

  it('parseStat treats a zombie as dead', () => {
    expect(parseStat(stat('sh', 'Z'), 'boot')).toBeUndefined();
  });
});

describe('identify', () => {
  it('identify distinguishes a process from a later one with the same pid', () => {
    const me = identify(process.pid)!;
    expect(isAlive(me)).toBe(true);
    expect(isAlive({ ...me, startedAt: 'another boot/1' })).toBe(false);
  });

  it('identify returns nothing for a pid without a process', () => {
    expect(identify(2 ** 22 + 1)).toBeUndefined();
  });
});
