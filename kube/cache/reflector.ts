import type { KubeObject } from '../../crds/object.ts';
import { ApiError, isExpired } from '../client/api-error.ts';
import { backoffMs } from '../../lib/backoff.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Selection } from '../client/list.ts';
import type { Logger } from '../../lib/logger.ts';
import type { KubeMetrics } from '../metrics.ts';
import type { ResourceClient } from '../client/resources.ts';
import type { WatchEvent } from '../client/watch.ts';

/** Where a reflector puts what it sees; must not throw. */
export interface ReflectorSink<T extends KubeObject> {
  /** All objects there are. */
  replace(objects: T[]): void;
  /** One change. */
  apply(event: Exclude<WatchEvent<T>, { type: 'BOOKMARK' }>): void;
  /** The API server said something, or the reflector tried again. */
  onActivity(heard: boolean): void;
}

export interface ReflectorOptions<T extends KubeObject> {
  readonly client: Pick<ResourceClient<T>, 'type' | 'listPages' | 'watch'>;
  readonly selection: Selection;
  readonly sink: ReflectorSink<T>;
  /** Applied to each object as soon as it is read, so that what it drops is never held for a whole list. */
  readonly transform: (object: T) => T;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: KubeMetrics | undefined;
  /** In [0, 1). */
  readonly random: () => number;
  /** See `watch`. */
  readonly idleTimeoutMs?: number;
}

const backoff = { baseMs: 200, capMs: 15_000 };
/** Many replicas lose their position together (the API server restarts): spread their lists. */
const relistBackoff = { baseMs: 1_000, capMs: 15_000 };
/** No answer of the API server stops a reflector for longer. */
const maxRetryAfterMs = 60_000;
/** A watch that ends sooner without any event did not work, however cleanly it ended. */
const shortestWatchMs = 1_000;

/** How far a reflector has come. */
interface Progress {
  /** State up to which everything is known; undefined calls for a list. */
  position: string | undefined;
  lists: number;
  /** In a row. */
  failures: number;
}

/**
 * Lists and then watches a kind, for ever: whatever goes wrong is logged, counted and tried again, from where it stopped
 * if the API server still knows that place, else from a new list. Resolves when the signal is aborted; never rejects.
 */
export async function reflect<T extends KubeObject>(options: ReflectorOptions<T>, signal: AbortSignal): Promise<void> {
  const { client, sink, clock, logger, metrics, random } = options;
  const resource = client.type.plural;
  const progress: Progress = { position: undefined, lists: 0, failures: 0 };
  while (!isAborted(signal)) {
    const started = clock.monotonicMs();
    sink.onActivity(false);
    const failure = await listAndWatch(options, progress, signal);
    if (isAborted(signal)) return;
    metrics?.watchRestarts.inc({ resource, reason: reasonOf(failure) });
    if (failure === undefined && clock.monotonicMs() - started >= shortestWatchMs) {
      progress.failures = 0;
      continue;
    }
    progress.failures++;
    if (!canResume(failure)) progress.position = undefined;
    const { failures, position } = progress;
    const delayMs = delayOf(failure, failures, random);
    logger.warn({ err: failure, resource, failures, delayMs, relist: position === undefined }, 'Watch interrupted');
    await clock.sleep(delayMs, signal);
  }
}

/** Until the watch ends; answers why, undefined for the normal end. */
async function listAndWatch<T extends KubeObject>(
  options: ReflectorOptions<T>,
  progress: Progress,
  signal: AbortSignal,
): Promise<unknown> {
  const { client, sink, metrics } = options;
  try {
    if (progress.position === undefined) {
      if (progress.lists++ > 0) metrics?.relists.inc({ resource: client.type.plural });
      progress.position = await list(options, signal);
    }
    for await (const event of client.watch(watchOptions(options, progress.position, signal))) {
      progress.failures = 0;
      sink.onActivity(true);
      progress.position = deliver(event, options);
    }
    return undefined;
  } catch (error) {
    return error;
  }
}

/** The signal changes while we wait, which the compiler does not know. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

async function list<T extends KubeObject>(options: ReflectorOptions<T>, signal: AbortSignal): Promise<string> {
  const { client, selection, sink, transform } = options;
  const objects: T[] = [];
  let resourceVersion = '';
  for await (const page of client.listPages({ ...selection, signal })) {
    for (const item of page.items) objects.push(transform(item));
    resourceVersion = page.resourceVersion;
    sink.onActivity(true);
  }
  sink.replace(objects);
  return resourceVersion;
}

function watchOptions<T extends KubeObject>(
  options: ReflectorOptions<T>,
  resourceVersion: string,
  signal: AbortSignal,
) {
  const { selection, random, idleTimeoutMs } = options;
  return {
    ...selection,
    resourceVersion,
    signal,
    // 240 to 360 seconds: the watches of all replicas do not end together.
    timeoutSeconds: Math.round(300 * (0.8 + 0.4 * random())),
    ...(idleTimeoutMs === undefined ? {} : { idleTimeoutMs }),
  };
}

/** Answers the position after the event. */
function deliver<T extends KubeObject>(event: WatchEvent<T>, { sink, transform }: ReflectorOptions<T>): string {
  if (event.type === 'BOOKMARK') return event.resourceVersion;
  sink.apply({ type: event.type, object: transform(event.object) });
  return event.object.metadata.resourceVersion ?? '';
}

/** Everything but an answer that speaks against the request itself (an unknown position, a kind that is gone). */
function canResume(failure: unknown): boolean {
  if (!(failure instanceof ApiError)) return true;
  const { status } = failure;
  return status < 400 || status >= 500 || [401, 403, 408, 429].includes(status);
}

function delayOf(failure: unknown, failures: number, random: () => number): number {
  const delayMs = backoffMs(isExpired(failure) ? relistBackoff : backoff, failures, random);
  const asked = failure instanceof ApiError && failure.retry.kind === 'retryable' ? failure.retry.afterMs : undefined;
  return Math.round(Math.max(delayMs, Math.min(asked ?? 0, maxRetryAfterMs)));
}

function reasonOf(failure: unknown): string {
  if (failure === undefined) return 'end';
  if (isExpired(failure)) return 'expired';
  return failure instanceof ApiError && failure.reason === 'Idle' ? 'idle' : 'error';
}
