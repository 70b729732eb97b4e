import type { Part } from '../process/runnable.ts';

/** Does something again and again, never twice at once, and a last time at the end. `work` must not fail. */
export function createTicker(name: string, periodMs: number, work: () => Promise<void>): Part {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let stopped = false;

  function schedule(): void {
    if (stopped) return;
    // A little disorder, so that replicas do not write at the same moment for ever.
    timer = setTimeout(
      () => {
        running = work().finally(schedule);
      },
      periodMs * (0.9 + 0.2 * Math.random()),
    );
  }

  return {
    name,
    start: schedule,
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await running;
      await work();
    },
  };
}
