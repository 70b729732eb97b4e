import { aegisAlerts } from '../crds/alert.ts';
import { labels } from '../crds/labels.ts';
import type { KubeObject, ResourceType } from '../crds/object.ts';
import { aegisAlertOpsRules } from '../crds/ops-rule.ts';
import { aegisOpsTemplates } from '../crds/ops-template.ts';
import { aegisRemediations } from '../crds/remediation.ts';
import { aegisRemediationPolicies } from '../crds/remediation-policy.ts';
import { workflows } from '../crds/workflow.ts';
import { createInformer, type InformerOptions } from '../kube/cache/informer.ts';
import { InformerSet } from '../kube/cache/informer-set.ts';
import { openKube, type KubeAccess } from '../kube/client/access.ts';
import { resources } from '../kube/client/resources.ts';
import { leanNode, nodes } from '../kube/kinds/node.ts';
import type { Runnable } from '../lib/runnable.ts';
import type { Role, Surroundings } from '../process/role.ts';
import { attemptIndexers, byEpisodes, byRemediation } from '../remediation/attempts/indexes.ts';
import type { OutlinedWorkflow } from '../remediation/views/outline-text.ts';
import { projectWorkflow } from './workflow-projection.ts';

/** The informers of a process by kind; each is a cache. */
export type Informers = ReturnType<typeof createInformers>;

/** The connection and the informers of one process, shared by its roles. */
export interface ProcessAccess {
  readonly kube: Pick<KubeAccess, 'rest' | 'metrics'>;
  readonly caches: Informers;
  readonly informers: InformerSet<keyof Informers>;
  /** To be started before the runnables of all roles. */
  readonly runnables: readonly Runnable[];
}

export interface AccessOptions {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly userAgent: string;
  /** Connections to the API server. */
  readonly connections: number;
  /** Whether the nodes of Workflows are kept for views. */
  readonly outlines: boolean;
}

/** Opens the connection of a process and builds its informers. Nothing runs yet. @throws Error without a usable kubeconfig */
export function openAccess(options: AccessOptions, { logger, clock, registry }: Surroundings): ProcessAccess {
  const { outlines, ...connection } = options;
  const kube = openKube(connection, registry);
  const caches = createInformers(kube, logger, { outline: outlines });
  const informers = new InformerSet(caches, clock);
  return { kube, caches, informers, runnables: [...kube.parts, informers.runnable] };
}

/** Returns a role that starts the access of its process first and stops it last. */
export function withAccess(role: Role, { runnables, informers }: ProcessAccess): Role {
  return { ...role, parts: [...runnables, ...role.parts], livez: [informers.alive, ...role.livez] };
}

/** Builds the informers of a process. Nothing runs yet. */
export function createInformers(
  { rest, metrics }: Pick<KubeAccess, 'rest' | 'metrics'>,
  logger: Surroundings['logger'],
  projection: { readonly outline: boolean },
) {
  function informer<T extends KubeObject>(type: ResourceType<T>, options: Partial<InformerOptions<T>> = {}) {
    return createInformer(resources(rest, type), { logger, metrics, ...options });
  }
  return {
    alerts: informer(aegisAlerts, { indexers: { [byEpisodes.name]: byEpisodes.of } }),
    rules: informer(aegisAlertOpsRules),
    templates: informer(aegisOpsTemplates),
    policies: informer(aegisRemediationPolicies),
    remediations: informer(aegisRemediations, { indexers: attemptIndexers }),
    workflows: informer<OutlinedWorkflow>(workflows, {
      indexers: { [byRemediation.name]: byRemediation.of },
      // Of the cluster's Workflows only those of Aegis.
      labelSelector: labels.remediation,
      transform: (workflow) => projectWorkflow(workflow, projection),
    }),
    nodes: informer(nodes, { transform: leanNode }),
  };
}
