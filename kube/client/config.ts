import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

import { KubeConfig } from '@kubernetes/client-node/dist/config.js';

/** Selects a cluster and a user. */
export interface KubeConfigOptions {
  /** Path of a kubeconfig file. Default: KUBECONFIG, then the pod's service account, then `~/.kube/config`. */
  kubeconfig?: string | undefined;
  /** Name of a context of the kubeconfig. Default: its current context. */
  context?: string | undefined;
}

const serviceAccountToken = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/**
 * Finds and reads the kubeconfig.
 *
 * @throws when there is none, it cannot be read, or it lacks the context
 */
export function loadKubeConfig({ kubeconfig, context }: KubeConfigOptions): KubeConfig {
  const config = new KubeConfig();
  const origin = readInto(config, kubeconfig);
  if (context !== undefined) config.setCurrentContext(context);
  if (config.getCurrentCluster() === null) {
    const known = config.getContexts().map(({ name }) => name);
    throw new Error(
      `${origin} has no usable context ${context ?? config.getCurrentContext()}; it has: ${known.join(', ')}`,
    );
  }
  return config;
}

/** Reads the configuration; returns its origin for messages. */
function readInto(config: KubeConfig, file: string | undefined): string {
  if (file !== undefined) {
    config.loadFromFile(file);
    return file;
  }
  const fromEnvironment = process.env['KUBECONFIG'];
  if (fromEnvironment) {
    config.loadFromDefault();
    return fromEnvironment;
  }
  if (process.env['KUBERNETES_SERVICE_HOST'] && existsSync(serviceAccountToken)) {
    config.loadFromCluster();
    return 'the service account of this pod';
  }
  const inHome = join(homedir(), '.kube', 'config');
  if (!existsSync(inHome)) {
    throw new Error(`found no cluster: no --kubeconfig, no KUBECONFIG, not in a pod, no ${inHome}`);
  }
  config.loadFromFile(inHome);
  return inHome;
}
