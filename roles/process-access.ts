import { aegisAlerts } from '../crds/alert.ts';
import { labels } from '../crds/labels.ts';
import { aegisAlertOpsRules } from '../crds/ops-rule.ts';
import { aegisOpsTemplates } from '../crds/ops-template.ts';
import { aegisRemediations } from '../crds/remediation.ts';
import { aegisRemediationPolicies } from '../crds/remediation-policy.ts';
import { workflows } from '../crds/workflow.ts';
import { SharedInformers } from '../kube/cache/shared-informers.ts';
import { openKube, type KubeAccess } from '../kube/client/access.ts';
import { leanNode, nodes } from '../kube/kinds/node.ts';
import type { Runnable } from '../lib/runnable.ts';
import type { Role, Surroundings } from '../process/role.ts';
import { attemptIndexers, byEpisodes, byRemediation } from '../remediation/attempts/indexes.ts';
import type { OutlinedWorkflow } from '../remediation/views/outline-text.ts';
import { projectWorkflow } from './workflow-projection.ts';

/** Names of the informers, as checks show them. */
export const informerNames = {
  alerts: aegisAlerts.plural,
  rules: aegisAlertOpsRules.plural,
  templates: aegisOpsTemplates.plural,
  policies: aegisRemediationPolicies.plural,
  remediations: aegisRemediations.plural,
  workflows: workflows.plural,
  nodes: nodes.plural,
} as const;

/** The named caches of a process. */
export type Informers = ReturnType<typeof createInformers>;

/** The connection and the informers of one process, shared by its roles. */
export interface ProcessAccess {
  readonly kube: Pick<KubeAccess, 'rest' | 'metrics'>;
  readonly informers: SharedInformers;
  readonly caches: Informers;
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
  const informers = new SharedInformers({ rest: kube.rest, metrics: kube.metrics, logger, clock });
  const caches = createInformers(informers, { outline: outlines });
  return { kube, informers, caches, runnables: [...kube.parts, informers.runnable] };
}

/** Returns a role that starts the access of its process first and stops it last. */
export function withAccess(role: Role, { runnables, informers }: ProcessAccess): Role {
  return { ...role, parts: [...runnables, ...role.parts], livez: [informers.alive, ...role.livez] };
}

/** Creates the informers whose objects Aegis indexes or keeps in part; other kinds need no preparation. */
export function createInformers(informers: SharedInformers, projection: { readonly outline: boolean }) {
  return {
    alerts: informers.of(aegisAlerts, { indexers: { [byEpisodes.name]: byEpisodes.of } }),
    rules: informers.of(aegisAlertOpsRules),
    templates: informers.of(aegisOpsTemplates),
    policies: informers.of(aegisRemediationPolicies),
    remediations: informers.of(aegisRemediations, { indexers: attemptIndexers }),
    workflows: informers.of<OutlinedWorkflow>(workflows, {
      indexers: { [byRemediation.name]: byRemediation.of },
      // Of the cluster's Workflows only those of Aegis.
      labelSelector: labels.remediation,
      transform: (workflow) => projectWorkflow(workflow, projection),
    }),
    nodes: informers.of(nodes, { transform: leanNode }),
  };
}
