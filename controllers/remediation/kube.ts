import { workflowFinalizer } from '../../crds/labels.ts';
import type { AegisAlert } from '../../crds/alert.ts';
import type { AegisRemediation } from '../../crds/remediation.ts';
import type { Workflow } from '../../crds/workflow.ts';
import type { ResourceClient } from '../../kube/client/resources.ts';
import type { RemediationPorts } from './ports.ts';
import { byAlert, byEpisodes, byRemediation } from '../../remediation/attempts/indexes.ts';
import { clusterViewOf } from '../../remediation/cluster-view.ts';
import type { Caches } from '../caches.ts';
import type { JustCreated } from '../just-created.ts';
import { fieldManager, remediationStatusWriter } from '../status-writers.ts';
import { dryRunWorkflow } from '../refusal.ts';
import { submitter, unlessGone } from './submitter.ts';

export interface RemediationAdapterOptions extends Pick<
  RemediationPorts,
  'audit' | 'events' | 'acquirables' | 'observePhase' | 'observeStages' | 'readTarget' | 'whyMayNotApprove' | 'now'
> {
  caches: Caches;
  alerts: ResourceClient<AegisAlert>;
  remediations: ResourceClient<AegisRemediation>;
  workflows: ResourceClient<Workflow>;
  justCreated: JustCreated;
}

/** The surroundings of the reconcile of remediations, on a real API server. */
export function remediationPorts(options: RemediationAdapterOptions): RemediationPorts {
  const { caches, alerts, remediations, workflows, justCreated, ...given } = options;
  return {
    ...given,
    remediation: (namespace, name) => caches.remediations.get(namespace, name),
    readRemediation: async (namespace, name) => {
      const cached = caches.remediations.get(namespace, name);
      if (cached !== undefined && justCreated.has(cached)) return cached;
      return remediations.find({ namespace, name });
    },
    alertOf: async ({ metadata: { namespace }, spec: { alertRef } }) => {
      const cached = caches.alerts.get(namespace, alertRef.name);
      return cached?.metadata.uid === alertRef.uid ? cached : alerts.find({ namespace, name: alertRef.name });
    },
    episodesOf: (alert) =>
      byEpisodes
        .of(alert)
        .flatMap((value) => caches.alerts.byIndex(byEpisodes.name, value))
        .filter(({ metadata }) => metadata.uid !== alert.metadata.uid),
    siblingsOf: ({ metadata, spec }) =>
      caches.remediations
        .byIndex(byAlert.name, spec.alertRef.uid)
        .filter((other) => other.metadata.uid !== metadata.uid),
    cluster: clusterViewOf(caches),
    workflow: (namespace, name) => caches.workflows.get(namespace, name),
    readWorkflow: (namespace, name) => workflows.find({ namespace, name }),
    workflowsNamedAfter: (namespace, name) => caches.workflows.byIndex(byRemediation.name, `${namespace}/${name}`),
    submit: submitter(workflows),
    tryWorkflow: (workflow) => dryRunWorkflow(workflows, workflow),
    terminate: ({ metadata }) =>
      unlessGone(workflows.patch(metadata, { spec: { shutdown: 'Terminate' } }, { fieldManager })),
    release: ({ metadata }) => unlessGone(workflows.patch(metadata, released(metadata), { fieldManager })),
    remove: async ({ metadata }) => {
      await workflows.delete(metadata, { uid: metadata.uid, propagationPolicy: 'Background' });
    },
    writeStatus: remediationStatusWriter(remediations),
  };
}

/** Takes our finalizer off the list as it was read; a list that has changed since is a conflict. */
function released({ resourceVersion, finalizers = [] }: Workflow['metadata']) {
  return { metadata: { resourceVersion, finalizers: finalizers.filter((name) => name !== workflowFinalizer) } };
}
