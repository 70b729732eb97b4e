import type { Clock } from '../../lib/clock.ts';
import { createLeaseHolder, type LeaseHolder, type LeaseHolderOptions } from './holder.ts';
import type { Logger } from '../../lib/logger.ts';
import type { KubeMetrics } from '../metrics.ts';

/** One candidate of a leader election by a Lease. */
export interface LeaderElection {
  /**
   * Campaigns until the signal is aborted, again and again after each loss. On abort it ends the work, releases the
   * Lease, so that another candidate takes over within two seconds, and resolves. Never rejects.
   */
  run(signal: AbortSignal): Promise<void>;
  /** Decided by the clock: false as soon as another candidate might be the leader, even if timers are late. */
  isLeader(): boolean;
}

export interface LeaderElectionOptions extends Omit<LeaseHolderOptions, 'durationSeconds'> {
  /** Unique for each process, also different from that of this process's predecessor. */
  readonly identity: string;
  /** The leader's work. Its signal is aborted when the leadership ends; the next campaign begins after it has ended. */
  readonly onStartedLeading: (signal: AbortSignal) => Promise<void> | void;
  /** Called right after that signal. A process that cannot stop its work for certain should end itself on `lost`. */
  readonly onStoppedLeading: (why: 'lost' | 'released') => void;
  readonly logger: Logger;
  readonly metrics?: KubeMetrics | undefined;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random?: () => number;
}

/** Another candidate takes over when the Lease has not changed for this time. */
const durationSeconds = 15;
/** A leader that could not renew for this time resigns, five seconds before another candidate may take over. */
const renewDeadlineMs = 10_000;
const retryPeriodMs = 2_000;
const requestTimeoutMs = 5_000;

export function electLeader(options: LeaderElectionOptions): LeaderElection {
  const { name, clock, logger, metrics, random = Math.random } = options;
  const holder = createLeaseHolder({ ...options, durationSeconds });
  let leading = false;
  const setLeading = (now: boolean): void => {
    leading = now;
    metrics?.leader.set({ name }, now ? 1 : 0);
  };
  /** Up to two seconds, so that candidates do not send requests at the same time. */
  const pause = (signal: AbortSignal): Promise<void> => clock.sleep(retryPeriodMs * (0.75 + 0.25 * random()), signal);

  const lead = async (signal: AbortSignal): Promise<void> => {
    const { identity, onStartedLeading, onStoppedLeading } = options;
    const work = startWork(onStartedLeading, logger);
    setLeading(true);
    logger.info({ lease: name, identity }, 'Started leading');
    const why = await renewUntil(AbortSignal.any([signal, work.ended]), { holder, clock, logger, name });
    setLeading(false);
    work.abort();
    logger.info({ lease: name, identity, why }, 'Stopped leading');
    try {
      onStoppedLeading(why);
    } catch (error) {
      logger.error({ err: error, lease: name }, 'Handler of a lease failed');
    }
    await work.done;
    if (why === 'lost') return;
    await holder.release(requestTimeoutMs).catch((error: unknown) => {
      logger.warn({ err: error, lease: name }, 'Lease not released, it will expire');
    });
  };

  setLeading(false);
  return {
    run: async (signal) => {
      while (!signal.aborted) {
        const taken = await holder.takeOrRenew(requestTimeoutMs).catch((error: unknown) => {
          logger.warn({ err: error, lease: name }, 'Lease not readable');
          return false;
        });
        // Also when aborted meanwhile: then it is released at once.
        if (taken) await lead(signal);
        await pause(signal);
      }
    },
    isLeader: () => leading && clock.monotonicMs() < holder.renewedAt() + renewDeadlineMs,
  };
}

interface Renewal {
  readonly holder: LeaseHolder;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly name: string;
}

/** Renews until the signal is aborted, another holds the Lease, or it could not be renewed in time. */
async function renewUntil(signal: AbortSignal, { holder, clock, logger, name }: Renewal): Promise<'lost' | 'released'> {
  for (;;) {
    const leftMs = holder.renewedAt() + renewDeadlineMs - clock.monotonicMs();
    await clock.sleep(Math.min(retryPeriodMs, leftMs), signal);
    if (signal.aborted) return 'released';
    const timeoutMs = Math.min(requestTimeoutMs, holder.renewedAt() + renewDeadlineMs - clock.monotonicMs());
    if (timeoutMs <= 0) return 'lost';
    try {
      if (!(await holder.takeOrRenew(timeoutMs))) return 'lost';
    } catch (error) {
      logger.warn({ err: error, lease: name }, 'Lease not renewed');
    }
  }
}

/** Starts the leader's work; any end of it ends the leadership. */
function startWork(onStartedLeading: LeaderElectionOptions['onStartedLeading'], logger: Logger) {
  const order = new AbortController();
  const ended = new AbortController();
  const done = (async () => {
    try {
      await onStartedLeading(order.signal);
    } catch (error) {
      if (!order.signal.aborted) logger.error({ err: error }, 'Work of the leader failed');
    }
    ended.abort();
  })();
  return {
    done,
    ended: ended.signal,
    abort: () => {
      order.abort();
    },
  };
}
