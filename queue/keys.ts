import { z } from 'zod';

/** The key of an object. A job carries a key, never an event. */
export interface ObjectKey {
  /** Name of the controller, which is also the name of its queue. */
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** Name of the queue of delayed jobs, each of which only enqueues a key when it is due. */
export const timersQueue = 'timers';

/** Returns the names of Aegis's own Redis keys. The hash tag in `prefix` keeps all keys on one cluster node. */
export function redisKeys(prefix: string) {
  return {
    /** Mark of the last full resync; absent when Redis lost its data. */
    epoch: `${prefix}:epoch`,
    deadLetters: `${prefix}:dead-letters`,
  };
}

/** The data of a job. `reason` is only informative. */
export const JobData = z.object({ key: z.string().transform(parseKey), reason: z.string() });
export interface JobData {
  readonly key: string;
  readonly reason: string;
}

/** Returns `kind/namespace/name`; no part can contain a slash. */
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

/** Reads one object and acts on its current state. Can be repeated at any point. */
export type Reconcile = (key: ObjectKey, signal: AbortSignal) => Promise<ReconcileResult | undefined>;

/** The result of a successful reconcile. */
export interface ReconcileResult {
  /** Milliseconds until the next run even if nothing changes. */
  readonly requeueAfterMs?: number;
}
