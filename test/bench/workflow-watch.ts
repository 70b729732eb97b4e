import { workflows } from '../../crds/workflow.ts';
import { labels } from '../../crds/labels.ts';
import type { Harness } from '../harness/aegis.ts';

/** Notes when each Workflow appears, by the name of its alert. */
export interface WorkflowWatch {
  /** `performance.now()` of the event. */
  seen(alert: string): Promise<number>;
  stop(): void;
}

/** Watches from now on. */
export async function watchWorkflows(harness: Harness): Promise<WorkflowWatch> {
  const client = harness.client(workflows);
  const { resourceVersion } = await client.list();
  const times = new Map<string, PromiseWithResolvers<number>>();
  const entry = (alert: string): PromiseWithResolvers<number> => {
    const known = times.get(alert) ?? Promise.withResolvers<number>();
    times.set(alert, known);
    return known;
  };
  const end = new AbortController();
  const follow = async (): Promise<void> => {
    for await (const event of client.watch({ resourceVersion, signal: end.signal })) {
      if (event.type === 'ADDED') entry(event.object.metadata.labels?.[labels.alert] ?? '').resolve(performance.now());
    }
  };
  // A watch that breaks leaves its waiters to the time limit below.
  follow().catch(() => undefined);
  return {
    seen: (alert) => within(entry(alert).promise, alert),
    stop: () => {
      end.abort();
    },
  };
}

const limitMs = 60_000;

async function within(promise: Promise<number>, alert: string): Promise<number> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new Error(`no Workflow for ${alert} within ${limitMs} ms`));
  }, limitMs);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
