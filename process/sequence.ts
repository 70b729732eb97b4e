import { withinTime } from '../lib/deadline.ts';
import type { Logger } from '../lib/logger.ts';
import type { Runnable } from '../lib/runnable.ts';

/** Parts in the order of their start. */
export interface PartSequence {
  /** Starts one after the other; rejects with the first failure. */
  start(fatal: (error: unknown) => void): Promise<void>;
  /** Drains the started parts. */
  drain(): void;
  /** Stops the started parts, last first, within `graceMs` in all. Resolves to whether all stopped cleanly. */
  stop(graceMs: number): Promise<boolean>;
}

export function sequence(parts: readonly Runnable[], logger: Logger): PartSequence {
  const started: Runnable[] = [];
  let stopping = false;
  return {
    start: async (fatal) => {
      for (const part of parts) {
        if (isSet(() => stopping)) return;
        started.push(part);
        await part.start(fatal);
        logger.debug({ part: part.name }, 'Runnable started');
      }
    },
    drain: () => {
      for (const part of started) part.drain?.();
    },
    stop: async (graceMs) => {
      stopping = true;
      const deadline = performance.now() + graceMs;
      let clean = true;
      for (const part of started.reverse()) {
        const timeoutMs = Math.min(part.stopTimeoutMs ?? 10_000, Math.max(0, deadline - performance.now()));
        clean = (await stopPart(part, timeoutMs, logger)) && clean;
      }
      return clean;
    },
  };
}

/** Reads a variable that can change while the caller awaits. */
function isSet(read: () => boolean): boolean {
  return read();
}

async function stopPart(part: Runnable, timeoutMs: number, logger: Logger): Promise<boolean> {
  try {
    if ((await withinTime(part.stop(), timeoutMs)) === 'late') {
      logger.error({ part: part.name, timeoutMs }, 'Runnable did not stop in time');
      return false;
    }
    logger.debug({ part: part.name }, 'Runnable stopped');
    return true;
  } catch (error) {
    logger.error({ err: error, part: part.name }, 'Runnable failed to stop');
    return false;
  }
}
