import { setTimeout as sleep } from 'node:timers/promises';
import { workflows, type Workflow } from '../../crds/workflow.ts';
import type { Harness } from './aegis.ts';

/** Plays Argo: ends every Workflow some moments after it came to be, and counts those that have not ended. */
export interface ArgoPlayer {
  /** Names of all Workflows that ever were. */
  readonly seen: ReadonlySet<string>;
  /** Names of those that have not ended. */
  readonly unfinished: ReadonlySet<string>;
  /** The most that had not ended at any one time, in the order in which the API server stored what happened. */
  peak(): number;
  /** From now on Workflows are ended, those that are there already too; before that they are only counted. */
  play(): void;
  /** Ends it. @throws what went wrong meanwhile */
  stop(): Promise<void>;
}

/** @param lastMs how long a Workflow takes */
export function playArgo(harness: Harness, lastMs: number): ArgoPlayer {
  const client = harness.client(workflows);
  const ending = new AbortController();
  const { signal } = ending;
  const seen = new Set<string>();
  const unfinished = new Set<string>();
  const playing = Promise.withResolvers<undefined>();
  const work: Promise<void>[] = [];
  let peak = 0;

  async function end(workflow: Workflow): Promise<void> {
    await playing.promise;
    await sleep(lastMs * (0.5 + Math.random()), undefined, { signal });
    const time = new Date().toISOString();
    await client.patch(workflow.metadata, { status: { phase: 'Succeeded', startedAt: time, finishedAt: time } });
  }

  function note(type: string, workflow: Workflow): void {
    const { name } = workflow.metadata;
    if (type === 'DELETED' || workflow.status?.phase === 'Succeeded') return void unfinished.delete(name);
    unfinished.add(name);
    peak = Math.max(peak, unfinished.size);
    if (seen.has(name)) return undefined;
    seen.add(name);
    work.push(end(workflow));
    return undefined;
  }

  async function follow(): Promise<void> {
    const { items, resourceVersion } = await client.list();
    for (const workflow of items) note('ADDED', workflow);
    for await (const event of client.watch({ resourceVersion, signal })) {
      if (event.type !== 'BOOKMARK') note(event.type, event.object);
    }
  }

  const followed = follow();
  return {
    seen,
    unfinished,
    peak: () => peak,
    play: () => {
      playing.resolve(undefined);
    },
    stop: async () => {
      ending.abort();
      playing.resolve(undefined);
      for (const result of await Promise.allSettled([followed, ...work])) {
        if (result.status === 'rejected' && !isAbort(result.reason)) throw result.reason as Error;
      }
    },
  };
}

function isAbort(reason: unknown): boolean {
  return (reason as { name?: unknown }).name === 'AbortError';
}
