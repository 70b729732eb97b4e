import type { AlertPorts } from './ports.ts';
import type { Compilers } from '../../remediation/planning/compilers.ts';
import { createPlanner } from '../../remediation/planning/plan.ts';
import type { AegisAlert } from '../../crds/alert.ts';
import type { AegisRemediation } from '../../crds/remediation.ts';
import { ApiError, isAlreadyExists } from '../../kube/client/api-error.ts';
import type { ResourceClient } from '../../kube/client/resources.ts';
import { byAlert } from '../../remediation/attempts/indexes.ts';
import { clusterViewOf } from '../../remediation/cluster-view.ts';
import { attemptLimitsOf } from '../../remediation/policies/attempt-limits.ts';
import type { Caches } from '../caches.ts';
import type { JustCreated } from '../just-created.ts';
import { alertStatusWriter, fieldManager } from '../status-writers.ts';

export interface AlertAdapterOptions extends Pick<
  AlertPorts,
  'auditSkipped' | 'lookUp' | 'match' | 'events' | 'ruleUsage' | 'observeTrigger' | 'now'
> {
  caches: Caches;
  /** Of the process. */
  compilers: Pick<Compilers, 'template'>;
  alerts: ResourceClient<AegisAlert>;
  remediations: ResourceClient<AegisRemediation>;
  justCreated: JustCreated;
  monotonicMs: () => number;
}

/** The surroundings of the reconcile of alerts, on a real API server. */
export function alertPorts(options: AlertAdapterOptions): AlertPorts {
  const { caches, compilers, alerts, remediations, justCreated, monotonicMs, ...given } = options;
  return {
    ...given,
    alerts: caches.alerts,
    templates: caches.templates,
    remediationsOf: (alertUid) => caches.remediations.byIndex(byAlert.name, alertUid),
    plan: createPlanner(compilers.template, { cluster: clusterViewOf(caches), now: options.now }),
    attemptLimits: (remediation, alert) => attemptLimitsOf(caches.policies.list(), { remediation, alert }),
    createRemediation: async (remediation) => {
      try {
        const since = monotonicMs();
        justCreated.note(await remediations.create(remediation, { fieldManager, metadataOnly: true }), since);
        return { created: true };
      } catch (error) {
        if (isAlreadyExists(error)) return { created: false };
        if (isRefusal(error)) return { refused: error.message };
        throw error;
      }
    },
    writeStatus: alertStatusWriter(alerts),
    deleteAlert: async ({ metadata }) => {
      const { uid, resourceVersion } = metadata;
      await alerts.delete(metadata, { uid, resourceVersion, propagationPolicy: 'Background' });
    },
  };
}

/** Returns true for an error that repeats until a user changes a permission, a quota or the object. */
export function isRefusal(error: unknown): error is ApiError {
  return error instanceof ApiError && (error.retry.kind === 'terminal' || error.status === 403);
}
