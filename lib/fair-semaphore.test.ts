import { describe, expect, it } from '@jest/globals';
import { UnavailableError } from './deadline.ts';
import { FairSemaphore } from './fair-semaphore.ts';

const signal = new AbortController().signal;

describe('a fair semaphore', () => {
  it('the semaphore runs all work, and never more at once than the limit', async () => {
    const semaphore = new FairSemaphore(3);
    let running = 0;
    let most = 0;
    const work = async () => {
      running += 1;
      most = Math.max(most, running);
      await Promise.resolve();
      running -= 1;
    };
    await Promise.all(Array.from({ length: 50 }, () => semaphore.run('a', signal, work)));
    expect(most).toBe(3);
    expect(running).toBe(0);
  });

  it('a tenant with little work gets its turn in spite of a flood of another tenant', async () => {
    const semaphore = new FairSemaphore(1);
    const order: string[] = [];
    const run = (tenant: string) =>
      semaphore.run(tenant, signal, () => {
        order.push(tenant);
        return Promise.resolve();
      });
    const flood = Array.from({ length: 100 }, () => run('flood'));
    await Promise.all([...flood, run('calm')]);
    expect(order.indexOf('calm')).toBeLessThanOrEqual(2);
  });

  it('work that failed frees its slot', async () => {
    const semaphore = new FairSemaphore(1);
    await expect(semaphore.run('a', signal, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await semaphore.run('a', signal, () => Promise.resolve('yes'))).toBe('yes');
  });

  it('work that gives up waiting at the deadline costs the others no slot', async () => {
    const semaphore = new FairSemaphore(1);
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const first = semaphore.run('a', signal, () => promise);
    const deadline = new AbortController();
    const second = semaphore.run('a', deadline.signal, () => Promise.resolve());
    deadline.abort();
    await expect(second).rejects.toThrow(UnavailableError);
    resolve(undefined);
    await first;
    expect(await semaphore.run('a', signal, () => Promise.resolve('third'))).toBe('third');
  });
});
