import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../lib/logger.ts';
import { sequence } from './sequence.ts';
import type { Runnable } from '../lib/runnable.ts';

/** The part of `process` that the lifecycle uses; tests pass an emitter. */
export interface Host {
  on(event: 'SIGTERM' | 'SIGINT' | 'uncaughtException', listener: (reason: unknown) => void): unknown;
  off(event: 'SIGTERM' | 'SIGINT' | 'uncaughtException', listener: (reason: unknown) => void): unknown;
  /** Ends the process at once. */
  exit(code: number): void;
  readonly ppid: number;
}

/** Options of the lifecycle of a process. */
export interface LifecycleOptions {
  /** In the order of their start. */
  readonly parts: readonly Runnable[];
  readonly logger: Logger;
  /** Milliseconds from the signal to the end of the last part. Stay below the pod's terminationGracePeriodSeconds. */
  readonly graceMs: number;
  /** Called when all parts run: readiness may turn on. */
  readonly onStarted?: () => void;
  /** Called when the process begins to stop: readiness turns off. */
  readonly onDrain?: () => void;
  /** Milliseconds between `onDrain` and the first stop, in which load balancers stop routing; 0 when absent. */
  readonly drainDelayMs?: number;
  /** Also stop when the parent process has ended, so that a killed supervisor leaves no processes behind. */
  readonly exitWithParent?: boolean;
  readonly host?: Host;
}

type Ending = { cause: 'signal'; signal: string } | { cause: 'parent' } | { cause: 'fatal'; error: unknown };

/** A terminal and a supervisor may both send a signal for one Ctrl-C; a later signal is a second request. */
const impatienceMs = 1_000;

/** Milliseconds between two checks for the parent process. */
const parentPollMs = 500;

/**
 * Starts the parts, waits for SIGTERM or SIGINT (or a part that cannot go on), drains, and resolves to the exit code:
 * 0 after a clean stop, 1 otherwise. A second signal or an uncaught exception ends the process at once with 1: reconciles
 * are level-triggered and repeat interrupted work, and a process in an unknown state is not trusted.
 */
export async function runUntilSignal(options: LifecycleOptions): Promise<number> {
  const { parts, logger, graceMs, host = process, drainDelayMs = 0 } = options;
  const { ended, end, release } = watchForEnd(host, logger, options.exitWithParent ?? false);
  const running = sequence(parts, logger);
  void running
    .start((error) => {
      end({ cause: 'fatal', error });
    })
    .then(
      () => {
        options.onStarted?.();
        logger.info('Started');
      },
      (error: unknown) => {
        end({ cause: 'fatal', error });
      },
    );
  const ending = await ended;
  announce(ending, logger);
  options.onDrain?.();
  running.drain();
  if (ending.cause === 'signal') await sleep(drainDelayMs);
  const clean = await running.stop(Math.max(0, graceMs - drainDelayMs));
  release();
  logger.info({ clean }, 'Stopped');
  return clean && ending.cause !== 'fatal' ? 0 : 1;
}

function watchForEnd(host: Host, logger: Logger, exitWithParent: boolean) {
  const { promise: ended, resolve } = Promise.withResolvers<Ending>();
  let ending = false;
  let firstSignal = Number.POSITIVE_INFINITY;
  const end = (how: Ending) => {
    if (ending && how.cause === 'fatal') logger.error({ err: how.error }, 'Runnable failed while stopping');
    ending = true;
    resolve(how);
  };
  const onSignal = (signal: unknown) => {
    const now = performance.now();
    if (ending && now - firstSignal > impatienceMs) {
      logger.warn({ signal }, 'Second signal, ending at once');
      host.exit(1);
    }
    if (!ending) firstSignal = now;
    end({ cause: 'signal', signal: String(signal) });
  };
  const onException = (error: unknown) => {
    logger.fatal({ err: error }, 'Uncaught exception, ending at once');
    host.exit(1);
  };
  host.on('SIGTERM', onSignal);
  host.on('SIGINT', onSignal);
  host.on('uncaughtException', onException);
  const parent = host.ppid;
  const poll = setInterval(() => {
    if (exitWithParent && host.ppid !== parent && !ending) end({ cause: 'parent' });
  }, parentPollMs);
  poll.unref();
  const release = () => {
    clearInterval(poll);
    host.off('SIGTERM', onSignal);
    host.off('SIGINT', onSignal);
    host.off('uncaughtException', onException);
  };
  return { ended, end, release };
}

function announce(ending: Ending, logger: Logger): void {
  if (ending.cause === 'signal') logger.info({ signal: ending.signal }, 'Draining');
  if (ending.cause === 'parent') logger.info('Draining, the parent process is gone');
  if (ending.cause === 'fatal') logger.error({ err: ending.error }, 'Draining, the process cannot go on');
}
