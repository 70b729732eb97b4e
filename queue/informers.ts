import { aegisAlerts } from '../crds/alert.ts';
import { labels } from '../crds/labels.ts';
import type { KubeObject, ResourceType } from '../crds/object.ts';
import { aegisAlertOpsRules } from '../crds/ops-rule.ts';
import { aegisOpsTemplates } from '../crds/ops-template.ts';
import { aegisRemediations } from '../crds/remediation.ts';
import { workflows, type Workflow } from '../crds/workflow.ts';
import { createInformer, withoutManagedFields, type Informer, type InformerOptions } from '../kube/informer.ts';
import { resources } from '../kube/resources.ts';
import type { Check } from '../process/checks.ts';
import type { Clock } from '../process/clock.ts';
import type { Logger } from '../process/logger.ts';
import type { Part } from '../process/parts.ts';
import { byAlert, byRemediation } from './adapters/caches.ts';
import type { KubeAccess } from './kube-access.ts';

/** An informer does something at least every three minutes, also while the API server is gone. */
const stuckMs = 10 * 60_000;

/** The watched kinds, and the part that keeps them current. */
export function createInformers({ rest, metrics }: KubeAccess, logger: Logger, clock: Clock) {
  function informer<T extends KubeObject>(type: ResourceType<T>, options: Partial<InformerOptions<T>> = {}) {
    return createInformer(resources(rest, type), { logger, metrics, ...options });
  }
  const caches = {
    alerts: informer(aegisAlerts),
    rules: informer(aegisAlertOpsRules),
    templates: informer(aegisOpsTemplates),
    remediations: informer(aegisRemediations, { indexers: { [byAlert.name]: byAlert.of } }),
    workflows: informer(workflows, {
      indexers: { [byRemediation.name]: byRemediation.of },
      // Of the cluster's Workflows only ours.
      labelSelector: labels.remediation,
      transform: onlyOutcome,
    }),
  };
  const all = Object.entries(caches) as [
    string,
    Pick<Informer<KubeObject>, 'start' | 'synced' | 'hasSynced' | 'lastActivity'>,
  ][];
  return { caches, part: informersPart(all.map(([, one]) => one)), synced: hasSynced(all), alive: isAlive(all, clock) };
}

/** Starts when all caches are filled, however long that takes: nothing may be decided on half the world. */
function informersPart(informers: readonly Pick<Informer<KubeObject>, 'start' | 'synced'>[]): Part {
  const stopping = new AbortController();
  let running: Promise<unknown> = Promise.resolve();
  return {
    name: 'informers',
    start: async () => {
      running = Promise.all(informers.map((informer) => informer.start(stopping.signal)));
      await Promise.all(informers.map((informer) => informer.synced));
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

function hasSynced(informers: readonly [string, Pick<Informer<KubeObject>, 'hasSynced'>][]): Check {
  return {
    name: 'informers-synced',
    check: () => {
      const missing = informers.filter(([, informer]) => !informer.hasSynced()).map(([name]) => name);
      if (missing.length > 0) throw new Error(`not listed yet: ${missing.join(', ')}`);
      return undefined;
    },
  };
}

function isAlive(informers: readonly [string, Pick<Informer<KubeObject>, 'lastActivity'>][], clock: Clock): Check {
  return {
    name: 'informers',
    check: () => {
      const limit = clock.monotonicMs() - stuckMs;
      const stuck = informers.filter(([, informer]) => informer.lastActivity() < limit).map(([name]) => name);
      if (stuck.length > 0) throw new Error(`nothing happens in the watches of ${stuck.join(', ')}`);
      return undefined;
    },
  };
}

/** The nodes and templates of a Workflow may take a megabyte; what is decided here needs none of them. */
function onlyOutcome(workflow: Workflow): Workflow {
  const small = withoutManagedFields(workflow);
  if (small.spec !== undefined) small.spec = pick(small.spec, ['activeDeadlineSeconds']);
  if (small.status !== undefined) small.status = pick(small.status, ['phase', 'message', 'startedAt', 'finishedAt']);
  return small;
}

function pick<T extends object, K extends keyof T>(object: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.filter((key) => key in object).map((key) => [key, object[key]])) as Pick<T, K>;
}
