import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { NamespaceName } from '../crds/schema.ts';
import { kubeSettings } from '../kube/client/settings.ts';
import { duration } from '../process/settings.ts';
import { inPod, podNamespaceFile } from './pod.ts';

/** What all roles of a release must agree on, with the same flags and defaults in each. */
export const releaseSettings = {
  ...kubeSettings,
  namespace: NamespaceName.default(podNamespace()).meta({
    description: 'namespace of the release; alerts are kept here unless ?namespace= says otherwise',
  }),
  ruleScope: z.enum(['Cluster', 'Namespace']).default('Cluster').meta({
    description: 'whether rules match alerts of all namespaces or of their own',
  }),
  staleAfter: duration().prefault('25h').meta({
    description: 'time without an update after which a firing alert counts as stale; Alertmanager is asked before',
  }),
};

function podNamespace(): string {
  return inPod ? readFileSync(podNamespaceFile, 'utf8').trim() : 'monitoring';
}
