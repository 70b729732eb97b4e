import { createTask, type Logger as CronLogger, type ScheduledTask } from 'node-cron';
import type { Logger } from '../../process/logger.ts';
import type { Part } from '../../process/runnable.ts';

/** Something that this process does again and again, whatever the other replicas do. */
export interface Tick {
  readonly name: string;
  /** Cron with seconds, in UTC. */
  readonly pattern: string;
  readonly run: () => Promise<void> | void;
}

/** Runs ticks; one that is still under way is not started again, and one that fails is logged and goes on. */
export function createSchedules(ticks: readonly Tick[], logger: Logger): Part {
  const cronLogger = silence(logger);
  let tasks: ScheduledTask[] = [];
  return {
    name: 'schedules',
    start: async () => {
      tasks = ticks.map((tick) =>
        createTask(tick.pattern, () => runTick(tick, logger), {
          name: tick.name,
          timezone: 'UTC',
          noOverlap: true,
          suppressMissedWarning: true,
          logger: cronLogger,
        }),
      );
      for (const task of tasks) await task.start();
    },
    stop: async () => {
      for (const task of tasks) await task.destroy();
    },
  };
}

async function runTick({ name, run }: Tick, logger: Logger): Promise<void> {
  try {
    await run();
  } catch (error) {
    logger.error({ err: error, tick: name }, 'Scheduled task failed');
  }
}

/** node-cron would write plain text to the console. */
function silence(logger: Logger): CronLogger {
  const write = (detail: string | Error) => {
    logger.debug({ detail: detail instanceof Error ? detail.message : detail }, 'Message of the scheduler');
  };
  return { info: write, warn: write, error: write, debug: write };
}
