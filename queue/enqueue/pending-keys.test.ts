import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { ObjectKey } from '../keys.ts';
import { batchSize, createPendingKeys } from './pending-keys.ts';

function key(name: string): ObjectKey {
  return { kind: 'alert', namespace: 'monitoring', name };
}

/** Waits several turns: one for the batch, the others for the promises that it awaits. */
async function turns(): Promise<void> {
  for (let index = 0; index < 10; index += 1) await turn();
}

describe('pending keys', () => {
  it('pending keys are sent in one batch, each once', async () => {
    const sent: string[][] = [];
    const pending = createPendingKeys(
      (keys) => {
        sent.push(keys.map(({ name }) => name));
        return Promise.resolve();
      },
      () => undefined,
    );
    for (const name of ['a', 'b', 'a']) pending.add(key(name), 'change');
    await turns();
    expect(sent).toEqual([['a', 'b']]);
    expect(pending.size()).toBe(0);
  });

  it('a pending key with two reasons is sent for the more urgent one', async () => {
    const sent: string[] = [];
    const pending = createPendingKeys(
      (_keys, reason) => {
        sent.push(reason);
        return Promise.resolve();
      },
      () => undefined,
    );
    pending.add(key('a'), 'change');
    pending.add(key('a'), 'record');
    await turns();
    expect(sent).toEqual(['change']);
  });

  it('pending keys wait for the batch before them, and all are sent', async () => {
    const sent: number[] = [];
    const { promise: gate, resolve: open } = Promise.withResolvers<undefined>();
    const pending = createPendingKeys(
      async (keys) => {
        sent.push(keys.length);
        await gate;
      },
      () => undefined,
    );
    for (let index = 0; index < batchSize + 1; index += 1) pending.add(key(`k${index}`), 'change');
    await turns();
    expect(sent).toEqual([batchSize]);
    open(undefined);
    await turns();
    pending.add(key('late'), 'change');
    await turns();
    expect(sent).toEqual([batchSize, 1, 1]);
  });

  it('a failed batch drops all pending keys, and keys added later are sent', async () => {
    const failures: unknown[] = [];
    let calls = 0;
    const pending = createPendingKeys(
      () => {
        calls += 1;
        return calls === 1 ? Promise.reject(new Error('no')) : Promise.resolve();
      },
      (error) => failures.push(error),
    );
    for (let index = 0; index < 2 * batchSize; index += 1) pending.add(key(`k${index}`), 'change');
    await turns();
    expect(failures).toHaveLength(1);
    expect(pending.size()).toBe(0);
    pending.add(key('next'), 'change');
    await turns();
    expect(calls).toBe(2);
  });
});
