import { dirname } from 'node:path';

import type { Cluster } from '../cluster.ts';
import type { Aegis } from './aegis.ts';

/** The description of a running system for programs. */
export interface ReadyLine {
  ready: true;
  kubeconfig: string;
  kubectl: string;
  ingest: string;
  apiserver: string;
  metrics: string[];
  redis: string | undefined;
  dataDir: string;
  pids: Record<string, number>;
}

/** The content of the line that `--json` prints. */
export function readyLine(cluster: Cluster, aegis: Aegis): ReadyLine {
  return {
    ready: true,
    kubeconfig: cluster.kubeconfigPath,
    kubectl: cluster.kubectlPath,
    ingest: aegis.ingestUrl,
    apiserver: cluster.server,
    metrics: [...aegis.metricsUrls, ...cluster.metricsUrls],
    redis: cluster.redisUrl,
    dataDir: cluster.dataDir,
    pids: cluster.pids(),
  };
}

/** Returns suggestions for the next steps of the user. */
export function greeting(cluster: Cluster, aegis: Aegis): string {
  return `
Everything runs. In another terminal:

  export KUBECONFIG=${cluster.kubeconfigPath}
  export PATH=${dirname(cluster.kubectlPath)}:$PATH

  kubectl get aegis                       everything of Aegis, in the namespace monitoring
  kubectl explain aegisalertopsrule.spec  what a rule may say
  kubectl get events --watch              what happens
  kubectl get --raw /apis/subresources.aegis.io/v1alpha1/namespaces/monitoring/aegisalerts/NAME/inspect
                                          why an alert did or did not lead to action

Alerts are received at ${aegis.ingestUrl} (/alertmanager/alert, /default/alert, /alert).
Metrics: ${aegis.metricsUrls.join(', ')}
Logs: ${cluster.dataDir}/logs/

Ctrl-C stops it and leaves nothing behind.`;
}
