import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { ObjectKey } from '../keys.ts';
import { createRecentKeys, type RecentKeys } from '../jobs/recent-keys.ts';
import { createStaleKeys, type StaleKeys } from './stale-keys.ts';

const key: ObjectKey = { kind: 'alert', namespace: 'monitoring', name: 'a' };
let now: number;
let recent: RecentKeys;
let stale: StaleKeys;
let repeated: string[];

beforeEach(() => {
  jest.useFakeTimers();
  now = 1_000;
  const clock = { monotonicMs: () => now };
  recent = createRecentKeys(clock);
  repeated = [];
  stale = createStaleKeys(recent, clock, ({ name }) => repeated.push(name));
});

afterEach(() => {
  jest.useRealTimers();
});

function work(): void {
  recent.noteStart(key);
  now += 5;
  recent.noteEnd(key);
}

describe('createStaleKeys', () => {
  it('a follower repeats a recent key once when its object changes', () => {
    work();
    now += 10;
    stale.noteChange(key);
    stale.noteChange(key);
    jest.runAllTimers();
    expect(repeated).toEqual(['a']);
  });

  it('a follower does not repeat a key that it has not reconciled recently', () => {
    stale.noteChange(key);
    work();
    now += 60_000;
    stale.noteChange(key);
    jest.runAllTimers();
    expect(repeated).toEqual([]);
  });

  it('a follower does not repeat a key that it has reconciled since the change', () => {
    work();
    now += 10;
    stale.noteChange(key);
    now += 10;
    work();
    jest.runAllTimers();
    expect(repeated).toEqual([]);
  });

  it('a follower repeats a key whose object changed during its run', () => {
    recent.noteStart(key);
    now += 1;
    stale.noteChange(key);
    recent.noteEnd(key);
    jest.runAllTimers();
    expect(repeated).toEqual(['a']);
  });
});
