import { describe, expect, it } from '@jest/globals';
import { UnavailableError } from './within-deadline.ts';
import { createTurns } from './fair-semaphore.ts';

const signal = new AbortController().signal;

describe('turns', () => {
  it('lets no more run at once than the limit, and runs all', async () => {
    const turns = createTurns(3);
    let running = 0;
    let most = 0;
    const work = async () => {
      running += 1;
      most = Math.max(most, running);
      await Promise.resolve();
      running -= 1;
    };
    await Promise.all(Array.from({ length: 50 }, () => turns.run('a', signal, work)));
    expect(most).toBe(3);
    expect(running).toBe(0);
  });

  it('lets a tenant with little work pass one that floods', async () => {
    const turns = createTurns(1);
    const order: string[] = [];
    const run = (tenant: string) =>
      turns.run(tenant, signal, () => {
        order.push(tenant);
        return Promise.resolve();
      });
    const flood = Array.from({ length: 100 }, () => run('flood'));
    await Promise.all([...flood, run('calm')]);
    expect(order.indexOf('calm')).toBeLessThanOrEqual(2);
  });

  it('frees the place of work that failed', async () => {
    const turns = createTurns(1);
    await expect(turns.run('a', signal, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await turns.run('a', signal, () => Promise.resolve('yes'))).toBe('yes');
  });

  it('gives up waiting at the deadline and loses no place by it', async () => {
    const turns = createTurns(1);
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const first = turns.run('a', signal, () => promise);
    const deadline = new AbortController();
    const second = turns.run('a', deadline.signal, () => Promise.resolve());
    deadline.abort();
    await expect(second).rejects.toThrow(UnavailableError);
    resolve(undefined);
    await first;
    expect(await turns.run('a', signal, () => Promise.resolve('third'))).toBe('third');
  });
});
