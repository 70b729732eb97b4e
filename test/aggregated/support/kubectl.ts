import { execFile } from 'node:child_process';
import { join } from 'node:path';
import type { Cluster } from '../../../devcluster/cluster.ts';
import { kubectlEnv } from '../../../devcluster/kubectl.ts';

/** What a person sees of a command. */
export interface Transcript {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs kubectl as a person does, with a cache of discovery that nobody else uses. */
export function runKubectl(cluster: Cluster, args: readonly string[]): Promise<Transcript> {
  const cacheDir = join(cluster.dataDir, 'transcript-cache');
  const env = kubectlEnv({ kubeconfig: cluster.kubeconfigPath, cacheDir });
  return new Promise((resolve) => {
    execFile(cluster.kubectlPath, args, { env, maxBuffer: 2 ** 25 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}
