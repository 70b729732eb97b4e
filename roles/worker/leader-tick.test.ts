import { expect, it } from '@jest/globals';
import { leaderTick } from './leader-tick.ts';

it('a tick of the leader does nothing in a process that does not lead', async () => {
  let runs = 0;
  const { tick, led } = leaderTick({ name: 'sweep', periodMs: 1_000, work: () => void (runs += 1) });
  const counts: number[] = [];
  const look = async (): Promise<void> => {
    await tick.work();
    counts.push(runs);
  };
  await look();
  led.startLeading();
  await look();
  led.stopLeading();
  await look();
  expect(counts).toEqual([0, 1, 1]);
});
