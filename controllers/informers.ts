import { aegisAlerts } from '../crds/alert.ts';
import { labels } from '../crds/labels.ts';
import type { KubeObject, ResourceType } from '../crds/object.ts';
import { aegisAlertOpsRules } from '../crds/ops-rule.ts';
import { aegisOpsTemplates } from '../crds/ops-template.ts';
import { aegisRemediations } from '../crds/remediation.ts';
import { aegisRemediationPolicies } from '../crds/remediation-policy.ts';
import { workflows, type Workflow } from '../crds/workflow.ts';
import type { KubeAccess } from '../kube/client/access.ts';
import { createInformer, withoutManagedFields, type InformerOptions } from '../kube/cache/informer.ts';
import { informerSet } from '../kube/cache/informer-set.ts';
import { leanNode, nodes } from '../kube/kinds/node.ts';
import { resources } from '../kube/client/resources.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { verdictParameter } from '../remediation/attempts/workflow-verdict.ts';
import { attemptIndexers, byEpisodes, byRemediation } from '../remediation/attempts/indexes.ts';

/** The watched kinds, and the part that keeps them current. */
export function createInformers({ rest, metrics }: KubeAccess, logger: Logger, clock: Clock) {
  function informer<T extends KubeObject>(type: ResourceType<T>, options: Partial<InformerOptions<T>> = {}) {
    return createInformer(resources(rest, type), { logger, metrics, ...options });
  }
  const caches = {
    alerts: informer(aegisAlerts, { indexers: { [byEpisodes.name]: byEpisodes.of } }),
    rules: informer(aegisAlertOpsRules),
    templates: informer(aegisOpsTemplates),
    policies: informer(aegisRemediationPolicies),
    remediations: informer(aegisRemediations, { indexers: attemptIndexers }),
    workflows: informer(workflows, {
      indexers: { [byRemediation.name]: byRemediation.of },
      // Of the cluster's Workflows only ours.
      labelSelector: labels.remediation,
      transform: onlyOutcome,
    }),
    nodes: informer(nodes, { transform: leanNode }),
  };
  // Nothing may be decided on half the world.
  return { caches, ...informerSet(caches, clock, { waitForSync: true }) };
}

/** The nodes and templates of a Workflow may take a megabyte; what is decided here needs none of them. */
function onlyOutcome(workflow: Workflow): Workflow {
  const small = withoutManagedFields(workflow);
  if (small.spec !== undefined) small.spec = pick(small.spec, ['activeDeadlineSeconds', 'shutdown']);
  if (small.status !== undefined) {
    const { outputs } = small.status;
    const verdict = outputs?.parameters?.filter(({ name }) => name === verdictParameter) ?? [];
    small.status = pick(small.status, ['phase', 'message', 'startedAt', 'finishedAt']);
    if (verdict.length > 0) small.status.outputs = { parameters: verdict };
  }
  return small;
}

function pick<T extends object, K extends keyof T>(object: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.filter((key) => key in object).map((key) => [key, object[key]])) as Pick<T, K>;
}
