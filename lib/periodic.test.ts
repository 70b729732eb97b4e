import { describe, expect, it } from '@jest/globals';
import { createFakeClock } from '../test/kube/fake-clock.ts';
import { periodic, type PeriodicOptions } from './periodic.ts';

function startedWith(options: Partial<PeriodicOptions>) {
  const clock = createFakeClock();
  const errors: unknown[] = [];
  let runs = 0;
  const task = periodic({
    name: 'sweep',
    clock,
    logger: { error: (fields: object | string) => void errors.push(fields) },
    periodMs: 1_000,
    work: () => {
      runs += 1;
    },
    random: () => 1,
    ...options,
  });
  return { clock, errors, task, runs: () => runs };
}

describe('periodic', () => {
  it('a periodic task runs for the first time after one period', async () => {
    const { clock, task, runs } = startedWith({});
    await task.start();
    await clock.advance(999);
    expect(runs()).toBe(0);
    await clock.advance(1);
    expect(runs()).toBe(1);
    await task.stop();
  });

  it('a periodic task with runAtStart runs before its start resolves', async () => {
    const { task, runs } = startedWith({ runAtStart: true });
    await task.start();
    expect(runs()).toBe(1);
    await task.stop();
  });

  it('a periodic task runs again after the delay that its work returns', async () => {
    const times: number[] = [];
    const { clock, task } = startedWith({
      work: () => {
        times.push(clock.monotonicMs());
        return 10;
      },
    });
    await task.start();
    await clock.advance(1_025);
    expect(times).toEqual([1_000, 1_010, 1_020]);
    await task.stop();
  });

  it('a periodic task never runs twice at once', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    let begun = 0;
    const { clock, task } = startedWith({
      work: () => {
        begun += 1;
        return promise;
      },
    });
    await task.start();
    await clock.advance(10_000);
    expect(begun).toBe(1);
    resolve(undefined);
    await task.stop();
  });

  it('a periodic task logs a failure and runs again', async () => {
    const { clock, task, errors } = startedWith({
      work: () => {
        throw new Error('no');
      },
    });
    await task.start();
    await clock.advance(2_000);
    expect(errors).toMatchObject([{ task: 'sweep' }, { task: 'sweep' }]);
    await task.stop();
  });

  it('a periodic task with runAtStop runs a last time when it is stopped', async () => {
    const { task, runs } = startedWith({ runAtStop: true });
    await task.start();
    await task.stop();
    expect(runs()).toBe(1);
  });
});
