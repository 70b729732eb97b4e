import { SignalScope } from '../lib/signal-scope.ts';
import type { Source } from '../queue/enqueue/source.ts';
import type { QueuedController } from '../queue/queue.ts';
import type { ControllerContext, Registration, Task } from './controller.ts';
import { createSharedState } from './shared-state.ts';

/** The controllers of one process, as the queue and the role take them. */
export interface BuiltControllers {
  readonly queued: readonly QueuedController[];
  readonly sources: readonly Source[];
  /** For the leader. */
  readonly sweeps: readonly Task[];
  /** For each process. */
  readonly flushes: readonly Task[];
}

/** Builds all controllers of the registry. Nothing runs yet. */
export function buildControllers(
  registrations: readonly Registration[],
  options: Omit<ControllerContext, 'shared'>,
): BuiltControllers {
  const scope = new SignalScope();
  const rest = options.rest.withSignal(() => scope.current());
  const clock = scopedClock(options.clock, scope);
  const context = { ...options, rest, clock };
  const shared = createSharedState(context);
  const built = registrations.map(({ name, create }) => ({ name, ...create({ ...context, shared }) }));
  return {
    queued: built.map(({ name, reconcile, concurrency, deadlineMs }) => ({
      name,
      ...(concurrency !== undefined && { concurrency }),
      ...(deadlineMs !== undefined && { deadlineMs }),
      reconcile: async (key, signal) => {
        signal.throwIfAborted();
        return scope.run(signal, () => reconcile(key, signal));
      },
    })),
    sources: built.flatMap(({ name, watches }) => watches.map((watch) => watch.source(name))),
    sweeps: built.flatMap(({ sweeps = [] }) => sweeps),
    flushes: built.flatMap(({ flushes = [] }) => flushes),
  };
}

/** Returns a clock whose sleeps also end when the signal of the run that sleeps aborts. */
function scopedClock(clock: ControllerContext['clock'], scope: SignalScope): ControllerContext['clock'] {
  return {
    now: () => clock.now(),
    monotonicMs: () => clock.monotonicMs(),
    sleep: (ms, signal = scope.current()) => clock.sleep(ms, signal),
  };
}
