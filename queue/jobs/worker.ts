import { UnrecoverableError, Worker, type Job } from 'bullmq';
import type { Check } from '../../process/checks.ts';
import { errorMessage } from '../../process/error-fields.ts';
import type { Runnable } from '../../lib/runnable.ts';
import { formatKey, JobData, type ObjectKey } from '../keys.ts';
import { withinTime } from '../../lib/deadline.ts';
import { KeyedMutex } from '../../lib/keyed-mutex.ts';
import type { RedisClient } from '../connection/redis.ts';
import { run, RunFailedError, type RunContext } from './run.ts';

/** State of a worker. `failed`: it did not stop in time, or BullMQ's loop ended with an error. */
export type WorkerState = 'starting' | 'running' | 'draining' | 'drained' | 'failed';

/** Reconciles the keys of one controller. */
export interface ReconcileWorker extends Runnable {
  state(): WorkerState;
  /** Fails when the worker has failed, or when a run is stuck long after its deadline: only a restart ends such a run. */
  readonly check: Check;
}

export interface WorkerOptions extends RunContext {
  readonly controller: string;
  /** A connection for the purpose `worker`; shared, and closed by its owner. */
  readonly client: RedisClient;
  readonly prefix: string;
  /** Called with errors of the queue itself, such as a lost connection. */
  readonly onError: (error: unknown) => void;
  /** Number of keys that are reconciled at once. */
  readonly concurrency: number;
  /** Milliseconds that runs get to end when the worker stops; then they are cancelled. */
  readonly drainMs: number;
  /** Milliseconds after which the job of a worker that is gone counts as stalled; 15,000 when absent, as for a Lease. */
  readonly lockMs?: number;
}

const usualLockMs = 15_000;
/** Checks for stalled jobs per lifetime of a job lock; each costs one command. */
const checksPerLock = 3;
/** Milliseconds that cancelled runs get before they are abandoned. */
const cancelMs = 2_000;
/** Grace after the deadline before a run counts as stuck. */
const stuckAfterMs = 30_000;
/** A job that stalls this many times, for example because it crashes its worker, is given up. */
const maxStalledCount = 5;

/** Creates a worker, which takes no job until it is started. */
export function createReconcileWorker(options: WorkerOptions): ReconcileWorker {
  const { controller, client, prefix, concurrency, clock, logger, metrics, onError, lockMs = usualLockMs } = options;
  const locks = new KeyedMutex();
  const running = new Map<string, number>();
  /** Failures that are already recorded as dead keys. */
  const buried = new WeakSet<Error>();
  let state: WorkerState = 'starting';
  let worker: Worker<unknown> | undefined;

  /** The third parameter is required: BullMQ passes a signal only to a function with three parameters. */
  async function work(job: Job<unknown>, _token: string | undefined, signal: AbortSignal | undefined) {
    const key = readKey(job);
    const id = formatKey(key);
    // The same key can be active twice only after Redis lost its data; the second run then waits for the first.
    await locks.run(id, async () => {
      running.set(id, clock.monotonicMs());
      try {
        const attempt = job.attemptsMade + 1;
        if (attempt === 1) metrics.waited.observe({ queue: controller }, waitedSeconds(job));
        await run(options, key, attempt, signal ?? new AbortController().signal);
      } catch (error) {
        throw given(error);
      } finally {
        running.delete(id);
      }
    });
  }

  function given(error: unknown): unknown {
    if (!(error instanceof RunFailedError) || error.decision.next !== 'dead-letter') return error;
    const final = new UnrecoverableError(error.message);
    buried.add(final);
    return final;
  }

  function open(fatal: (error: unknown) => void): Worker<unknown> {
    const opened = new Worker<unknown>(controller, work, {
      connection: client,
      prefix,
      concurrency,
      autorun: false,
      lockDuration: lockMs,
      stalledInterval: Math.ceil(lockMs / checksPerLock),
      maxStalledCount,
      settings: { backoffStrategy: (_attempts, _type, error) => delayOf(error) },
    });
    opened.on('error', onError);
    opened.on('stalled', () => {
      metrics.stalled.inc({ queue: controller });
    });
    opened.on('lockRenewalFailed', (jobs) => {
      for (const id of jobs) opened.cancelJob(id, 'the job was lost to another worker');
    });
    opened.on('failed', (job, error) => {
      if (job?.finishedOn !== undefined && !buried.has(error)) void bury(job, error);
    });
    opened.run().catch((error: unknown) => {
      if (state !== 'running') return;
      state = 'failed';
      fatal(error);
    });
    return opened;
  }

  /** Records a job that BullMQ gave up, because it stalled too often or cannot be parsed. */
  async function bury(job: Job<unknown>, error: Error): Promise<void> {
    const key = JobData.safeParse(job.data).data?.key;
    logger.error({ err: error, queue: controller, key: key && formatKey(key) }, 'The queue gave up a job');
    if (key === undefined) return;
    const letter = { key: formatKey(key), error: errorMessage(error), kind: 'unknown', attempts: job.attemptsMade };
    await options.deadLetters.record({ ...letter, time: clock.now().toISOString() }).catch(onError);
  }

  return {
    name: `worker-${controller}`,
    stopTimeoutMs: options.drainMs + 2 * cancelMs,
    start: async (fatal) => {
      worker = open(fatal);
      state = 'running';
      await Promise.resolve();
    },
    stop: async () => {
      if (worker === undefined) return;
      state = 'draining';
      const drained = worker.close();
      const stopped =
        (await endsWithin(drained, options.drainMs)) ||
        (worker.cancelAllJobs('the worker stops'), await endsWithin(drained, cancelMs));
      state = stopped ? 'drained' : 'failed';
      if (stopped) return;
      logger.error(
        { queue: controller, keys: [...running.keys()].slice(0, 20) },
        'Runs did not end in time; abandoning them',
      );
      void worker.disconnect().catch(onError);
      throw new Error('runs did not end in time; other workers take over their keys');
    },
    state: () => state,
    check: {
      name: `worker-${controller}`,
      check: () => {
        if (state === 'failed') throw new Error('the worker has failed');
        const limit = clock.monotonicMs() - options.deadlineMs - stuckAfterMs;
        const stuck = [...running].filter(([, since]) => since < limit).map(([key]) => key);
        if (stuck.length > 0) throw new Error(`runs are stuck: ${stuck.slice(0, 5).join(', ')}`);
        return undefined;
      },
    },
  };
}

function readKey(job: Job<unknown>): ObjectKey {
  const data = JobData.safeParse(job.data);
  if (data.success) return data.data.key;
  throw new UnrecoverableError(`cannot parse the job: ${errorMessage(data.error)}`);
}

function waitedSeconds({ timestamp, processedOn = timestamp }: Job<unknown>): number {
  return Math.max(0, processedOn - timestamp) / 1_000;
}

function delayOf(error: Error | undefined): number {
  return error instanceof RunFailedError ? error.decision.delayMs : 1_000;
}

async function endsWithin(promise: Promise<void>, timeoutMs: number): Promise<boolean> {
  return (await withinTime(promise, timeoutMs)) !== 'late';
}
