import { describe, expect, it } from '@jest/globals';

import { nextDelayMs } from './back-off.ts';

describe('nextDelayMs', () => {
  it('the restart delay doubles from one second to thirty while a process keeps dying', () => {
    const delays: number[] = [];
    let delay: number | undefined;
    for (let deaths = 0; deaths < 7; deaths++) delays.push((delay = nextDelayMs(delay, 100)));
    expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  it('the restart delay is reset for a process that ran for a minute', () => {
    expect(nextDelayMs(30_000, 59_999)).toBe(30_000);
    expect(nextDelayMs(30_000, 60_000)).toBe(1_000);
  });
});
