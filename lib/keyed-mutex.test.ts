import { describe, expect, it } from '@jest/globals';
import { KeyedMutex } from './keyed-mutex.ts';

describe('a keyed mutex', () => {
  it('the mutex runs work of one key in the order of the calls, never two at once', async () => {
    const mutex = new KeyedMutex();
    const log: string[] = [];
    const work = (name: string) => async () => {
      log.push(`${name} begins`);
      await Promise.resolve();
      log.push(`${name} ends`);
    };
    await Promise.all(['a', 'b', 'c'].map((name) => mutex.run('key', work(name))));
    expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  });

  it('the mutex runs work of different keys at once', async () => {
    const mutex = new KeyedMutex();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const first = mutex.run('a', () => promise);
    expect(await mutex.run('b', () => Promise.resolve('done'))).toBe('done');
    resolve(undefined);
    await first;
  });

  it('a failure of work under the mutex reaches its own caller only', async () => {
    const mutex = new KeyedMutex();
    const failing = mutex.run('key', () => Promise.reject(new Error('no')));
    const next = mutex.run('key', () => Promise.resolve('yes'));
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe('yes');
  });

  it('work whose signal aborts in the queue is never started, and later work still waits for earlier work', async () => {
    const mutex = new KeyedMutex();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const log: string[] = [];
    const first = mutex.run('key', async () => {
      await promise;
      log.push('first');
    });
    const controller = new AbortController();
    const second = mutex.run('key', () => Promise.resolve(log.push('second')), controller.signal);
    const third = mutex.run('key', () => Promise.resolve(log.push('third')));
    controller.abort();
    await expect(second).rejects.toThrow('waiting for the same object took too long');
    resolve(undefined);
    await Promise.all([first, third]);
    expect(log).toEqual(['first', 'third']);
  });

  it('the mutex forgets a key when its last work has ended', async () => {
    const mutex = new KeyedMutex();
    const work = mutex.run('key', () => Promise.resolve());
    expect(mutex.isHeld('key')).toBe(true);
    await work;
    await Promise.resolve();
    expect(mutex.isHeld('key')).toBe(false);
  });
});
