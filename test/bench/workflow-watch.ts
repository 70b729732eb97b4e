import { labels } from '../../crds/labels.ts';
import { workflows } from '../../crds/workflow.ts';
import { createInformer } from '../../kube/cache/informer.ts';
import { createLogger } from '../../process/logger.ts';
import type { Harness } from '../harness/aegis.ts';

/** Notes when each Workflow appears, by the name of its alert. */
export interface WorkflowWatch {
  /** `performance.now()` of the event. */
  seen(alert: string): Promise<number>;
  stop(): void;
}

/** Watches from now on; a busy API server may break a watch that does not read fast enough, which is taken up again. */
export async function watchWorkflows(harness: Harness): Promise<WorkflowWatch> {
  const times = new Map<string, PromiseWithResolvers<number>>();
  const entry = (alert: string): PromiseWithResolvers<number> => {
    const known = times.get(alert) ?? Promise.withResolvers<number>();
    times.set(alert, known);
    return known;
  };
  const end = new AbortController();
  const informer = createInformer(harness.client(workflows), { logger: createLogger('warn') });
  informer.onChange(({ type, object }) => {
    if (type === 'added') entry(object.metadata.labels?.[labels.alert] ?? '').resolve(performance.now());
  });
  void informer.start(end.signal);
  await informer.synced;
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
