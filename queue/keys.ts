import { z } from 'zod';

/** Kinds of objects that are worked on; each has a queue of its own, so that a flood of one does not hold up another. */
export const controllers = ['alert', 'remediation', 'rule', 'template'] as const;
export type Controller = (typeof controllers)[number];

/** What a job is about: an object, never an event. */
export interface ObjectKey {
  readonly kind: Controller;
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

/** @throws when it is not a key of a known controller */
export function parseKey(text: string): ObjectKey {
  const [kind, namespace, name, ...rest] = text.split('/');
  const controller = controllers.find((known) => known === kind);
  if (controller === undefined || namespace === undefined || !name || rest.length > 0) {
    throw new Error(`not a key of the form kind/namespace/name: ${JSON.stringify(text.slice(0, 400))}`);
  }
  return { kind: controller, namespace, name };
}

/** Looks at one object and brings it forward; repeatable at any point. */
export type Reconcile = (key: ObjectKey, signal: AbortSignal) => Promise<ReconcileResult | undefined>;

/** What a reconcile says when it succeeded. */
export interface ReconcileResult {
  /** When to look again although nothing changes. */
  readonly requeueAfterMs?: number;
}
