import { afterAll, describe, expect, it } from '@jest/globals';
import { eventLoopDelay } from './event-loop.ts';

const { part, check } = eventLoopDelay();
afterAll(() => part.stop());

/** Nothing else happens meanwhile. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

describe('the check of the event loop', () => {
  it('the event-loop check fails while each turn takes long, and passes again afterwards', async () => {
    await part.start(() => undefined);
    for (let turn = 0; turn < 3; turn += 1) {
      block(1_500);
      await pause(0);
    }
    expect(() => check.check()).toThrow('the event loop is delayed by');
    await pause(200);
    expect(() => check.check()).not.toThrow();
  }, 20_000);

  it('the event-loop check passes after one long pause among many short ones', async () => {
    await pause(1_000);
    block(1_500);
    await pause(1_000);
    expect(() => check.check()).not.toThrow();
  }, 20_000);
});
