import type { Clock } from './clock.ts';
import type { Logger } from './logger.ts';

/** A runnable that repeats its work. */
export interface Periodic {
  readonly name: string;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface PeriodicOptions {
  readonly name: string;
  readonly clock: Pick<Clock, 'sleep'>;
  /** Milliseconds between the end of one run and the start of the next. */
  readonly periodMs: number;
  /** Does the work. A number that it returns is the milliseconds until the next run, in place of `periodMs`. */
  readonly work: (signal: AbortSignal) => unknown;
  /** Told of what `work` throws; the next run comes all the same. */
  readonly logger: Pick<Logger, 'error'>;
  /** Runs once before `start` resolves. Default: the first run comes after one period. */
  readonly runAtStart?: boolean;
  /** Runs a last time in `stop`. */
  readonly runAtStop?: boolean;
  /** In [0, 1). */
  readonly random?: () => number;
}

/**
 * Creates a runnable that repeats its work, never twice at once. Use short periods and compare due times with the clock
 * in `work`: then neither a suspended machine nor a changed clock misses them.
 */
export function periodic(options: PeriodicOptions): Periodic {
  const { name, clock, periodMs, work, logger, runAtStart, runAtStop, random = Math.random } = options;
  const stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();

  async function run(): Promise<number> {
    try {
      const nextMs = await work(stopping.signal);
      return typeof nextMs === 'number' ? nextMs : periodMs;
    } catch (error) {
      logger.error({ err: error, task: name }, 'Periodic task failed');
      return periodMs;
    }
  }

  async function repeat(firstMs: number): Promise<void> {
    let ms = firstMs;
    for (;;) {
      // Jitter keeps replicas from working at the same moment.
      await clock.sleep(ms * (0.9 + 0.1 * random()), stopping.signal);
      if (stopping.signal.aborted) return;
      ms = await run();
    }
  }

  return {
    name,
    start: async () => {
      const first = runAtStart === true ? run() : periodMs;
      running = Promise.resolve(first).then(repeat);
      await first;
    },
    stop: async () => {
      stopping.abort();
      await running;
      if (runAtStop === true) await run();
    },
  };
}
