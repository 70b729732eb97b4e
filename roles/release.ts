import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { NamespaceName } from '../crds/schema.ts';
import { kubeSettings } from '../kube/client/settings.ts';
import { duration } from '../process/settings.ts';
import { inPod, podNamespaceFile } from './pod.ts';

/** Settings that all roles of a release share, with the same flags and defaults in each. */
export const releaseSettings = {
  ...kubeSettings,
  namespace: NamespaceName.default(podNamespace()).meta({
    description: 'namespace of the release; alerts are stored here unless ?namespace= names another one',
  }),
  ruleScope: z.enum(['Cluster', 'Namespace']).default('Cluster').meta({
    description: 'whether rules match alerts of all namespaces or only of their own',
  }),
  staleAfter: duration().prefault('25h').meta({
    description: 'time without an update after which a firing alert is stale; Alertmanager is queried first',
  }),
};

function podNamespace(): string {
  return inPod ? readFileSync(podNamespaceFile, 'utf8').trim() : 'monitoring';
}
