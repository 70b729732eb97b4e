import { describe, expect, it } from '@jest/globals';
import { startDeadline, UnavailableError, untilAborted, withinDeadline, withinTime } from './deadline.ts';

const never = new Promise<never>(() => undefined);

describe('startDeadline', () => {
  it('a deadline aborts its signal when the time is up, and reports that it expired', async () => {
    const deadline = startDeadline(5);
    await expect(untilAborted(never, deadline.signal)).rejects.toThrow('no end within 5 ms');
    expect(deadline.expired()).toBe(true);
    deadline.clear();
  });

  it("a deadline aborts with the reason of the caller's signal when that aborts first", async () => {
    const caller = new AbortController();
    const deadline = startDeadline(60_000, caller.signal);
    caller.abort(new Error('gone'));
    await expect(untilAborted(never, deadline.signal)).rejects.toThrow('gone');
    expect(deadline.expired()).toBe(false);
    deadline.clear();
  });

  it('a lifted deadline never expires', async () => {
    const deadline = startDeadline(1);
    deadline.lift();
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(deadline.signal.aborted).toBe(false);
    deadline.clear();
  });
});

describe('withinDeadline', () => {
  it('withinDeadline returns the result or the error of the work', async () => {
    const { signal } = new AbortController();
    expect(await withinDeadline(Promise.resolve('done'), signal, 'work')).toBe('done');
    await expect(withinDeadline(Promise.reject(new Error('no')), signal, 'work')).rejects.toThrow('no');
  });

  it('withinDeadline rejects with UnavailableError when the signal aborts first', async () => {
    const signal = AbortSignal.abort();
    await expect(withinDeadline(never, signal, 'storing the alert')).rejects.toThrow(
      new UnavailableError('storing the alert took too long'),
    );
  });

  it('withinTime returns "late" when the time is up before the work ends', async () => {
    expect(await withinTime(never, 1)).toBe('late');
    expect(await withinTime('value', 1_000)).toBe('value');
  });
});
