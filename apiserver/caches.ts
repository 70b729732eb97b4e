import { aegisAlerts } from '../crds/alert.ts';
import { labels } from '../crds/labels.ts';
import type { KubeObject, ResourceType } from '../crds/object.ts';
import { aegisAlertOpsRules } from '../crds/ops-rule.ts';
import { aegisOpsTemplates } from '../crds/ops-template.ts';
import { aegisRemediationPolicies } from '../crds/remediation-policy.ts';
import { aegisRemediations } from '../crds/remediation.ts';
import { workflows } from '../crds/workflow.ts';
import type { KubeAccess } from '../kube/client/access.ts';
import { createInformer, type InformerOptions } from '../kube/cache/informer.ts';
import { informerSet } from '../kube/cache/informer-set.ts';
import { leanNode, nodes } from '../kube/kinds/node.ts';
import { resources } from '../kube/client/resources.ts';
import type { Check } from '../process/checks.ts';
import type { Runnable } from '../lib/runnable.ts';
import type { Surroundings } from '../process/role.ts';
import { attemptIndexers, byRemediation } from '../remediation/attempts/indexes.ts';
import type { OutlinedWorkflow } from '../remediation/views/outline-text.ts';
import { outlineOf } from './workflow-outline.ts';

/** The caches of this role. */
export type Caches = ReturnType<typeof createInformers>;

/**
 * Builds the caches and their informers. Nothing runs yet.
 *
 * @param alertsOnly whether all caches but the alerts stay empty
 * @param watchNodes whether Nodes may be read
 */
export function createCaches(
  kube: KubeAccess,
  { logger, clock }: Pick<Surroundings, 'logger' | 'clock'>,
  { alertsOnly, watchNodes }: { readonly alertsOnly: boolean; readonly watchNodes: boolean },
): { caches: Caches; parts: Runnable[]; synced: Check; alive: Check } {
  const caches = createInformers(kube, logger);
  const { alerts, workflows: argo, nodes: machines, ...others } = caches;
  // A process that only receives alerts needs no other kinds.
  const ours = informerSet(alertsOnly ? { alerts } : { alerts, ...others }, clock, { waitForSync: false });
  // The process is ready also where Argo is not installed yet.
  const foreign = informerSet({ workflows: argo }, clock, { waitForSync: false });
  const cluster = informerSet({ nodes: machines }, clock, { waitForSync: false });
  return {
    caches,
    parts: [
      ours.part,
      ...(alertsOnly ? [] : [{ ...foreign.part, name: 'workflow-informer' }]),
      ...(watchNodes ? [{ ...cluster.part, name: 'node-informer' }] : []),
    ],
    synced: ours.synced,
    alive: ours.alive,
  };
}

function createInformers({ rest, metrics }: KubeAccess, logger: Surroundings['logger']) {
  function informer<T extends KubeObject>(type: ResourceType<T>, options: Partial<InformerOptions<T>> = {}) {
    return createInformer(resources(rest, type), { logger, metrics, ...options });
  }
  return {
    alerts: informer(aegisAlerts),
    rules: informer(aegisAlertOpsRules),
    templates: informer(aegisOpsTemplates),
    policies: informer(aegisRemediationPolicies),
    remediations: informer(aegisRemediations, { indexers: attemptIndexers }),
    workflows: informer<OutlinedWorkflow>(workflows, {
      indexers: { [byRemediation.name]: byRemediation.of },
      // Only Workflows of Aegis.
      labelSelector: labels.remediation,
      transform: outlineOf,
    }),
    nodes: informer(nodes, { transform: leanNode }),
  };
}
