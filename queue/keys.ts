import { z } from 'zod';

/** The object that a job is for, never an event. */
export interface ObjectKey {
  /** Name of the controller, which is also the name of its queue. */
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** The queue of delayed jobs that only enqueue a key when its time has come. */
export const timersQueue = 'timers';

/** Names of Redis keys beside BullMQ's own. `prefix` carries the hash tag that keeps all of them on one cluster node. */
export function redisKeys(prefix: string) {
  return {
    /** Says that this Redis has seen a full resync; gone when Redis lost its data. */
    epoch: `${prefix}:epoch`,
    deadLetters: `${prefix}:dead-letters`,
  };
}

/** What a job carries. `reason` is for people who look into the queue. */
export const JobData = z.object({ key: z.string().transform(parseKey), reason: z.string() });
export interface JobData {
  readonly key: string;
  readonly reason: string;
}

/** `kind/namespace/name`, in which no part can contain a slash. */
export function formatKey({ kind, namespace, name }: ObjectKey): string {
  return `${kind}/${namespace}/${name}`;
}

/** Reads what {@link formatKey} has written. @throws Error when the text has another form */
export function parseKey(text: string): ObjectKey {
  const [kind, namespace, name, ...rest] = text.split('/');
  if (!kind || namespace === undefined || !name || rest.length > 0) {
    throw new Error(`not a key of the form kind/namespace/name: ${JSON.stringify(text.slice(0, 400))}`);
  }
  return { kind, namespace, name };
}

/** Looks at one object and brings it forward; repeatable at any point. */
export type Reconcile = (key: ObjectKey, signal: AbortSignal) => Promise<ReconcileResult | undefined>;

/** What a reconcile says when it succeeded. */
export interface ReconcileResult {
  /** When to look again although nothing changes. */
  readonly requeueAfterMs?: number;
}
