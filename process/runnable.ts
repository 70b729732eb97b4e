import type { Logger } from './logger.ts';

/** Something that runs for as long as the process does: a server, a watch, a worker. */
export interface Part {
  readonly name: string;
  /**
   * Resolves when the part does its work. `fatal` may be called at any later time: the process cannot go on without
   * this part, and ends with an error.
   */
  start(fatal: (error: unknown) => void): Promise<void> | void;
  /**
   * Told that `stop` will come in a moment: the part works on, but leads nobody on to it. Called once, before any stop.
   */
  drain?(): void;
  /** Ends the work; may be called while `start` is still under way, and is called once. */
  stop(): Promise<void> | void;
  /** Milliseconds that `stop` may take; 10,000 when absent. */
  readonly stopTimeoutMs?: number;
}

/** Parts in the order of their start. */
export interface PartSequence {
  /** Starts one after the other; rejects with the first failure. */
  start(fatal: (error: unknown) => void): Promise<void>;
  /** Tells what was started that the end is near. */
  drain(): void;
  /** Stops what was started, last first, within `graceMs` in all. Resolves to whether all stopped properly. */
  stop(graceMs: number): Promise<boolean>;
}

export function sequence(parts: readonly Part[], logger: Logger): PartSequence {
  const started: Part[] = [];
  let stopping = false;
  return {
    start: async (fatal) => {
      for (const part of parts) {
        if (isSet(() => stopping)) return;
        started.push(part);
        await part.start(fatal);
        logger.debug({ part: part.name }, 'Part started');
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

/** Reads a variable that changes while the caller awaits. */
function isSet(read: () => boolean): boolean {
  return read();
}

async function stopPart(part: Part, timeoutMs: number, logger: Logger): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<'late'>();
  const timer = setTimeout(resolve, timeoutMs, 'late');
  try {
    if ((await Promise.race([late, part.stop()])) === 'late') {
      logger.error({ part: part.name, timeoutMs }, 'Part did not stop in time');
      return false;
    }
    logger.debug({ part: part.name }, 'Part stopped');
    return true;
  } catch (error) {
    logger.error({ err: error, part: part.name }, 'Part failed to stop');
    return false;
  } finally {
    clearTimeout(timer);
  }
}
