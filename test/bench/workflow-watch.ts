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
  follow().catch((error: unknown) => {
    if (!end.signal.aborted) throw error;
  });
  return {
    seen: (alert) => entry(alert).promise,
    stop: () => {
      end.abort();
    },
  };
}
