import { expect, it } from '@jest/globals';
import { leaderTask } from './leader-task.ts';

it('a task of the leader does nothing in a process that does not lead', async () => {
  let runs = 0;
  const { task, led } = leaderTask({ name: 'sweep', periodMs: 1_000, work: () => Promise.resolve(void (runs += 1)) });
  const counts: number[] = [];
  const look = async (): Promise<void> => {
    await task.work();
    counts.push(runs);
  };
  await look();
  led.startLeading();
  await look();
  led.stopLeading();
  await look();
  expect(counts).toEqual([0, 1, 1]);
});
