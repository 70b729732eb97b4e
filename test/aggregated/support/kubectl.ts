import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import type { Cluster } from '../../../devcluster/cluster.ts';
import { kubectlEnv } from '../../../devcluster/kubectl.ts';

/** The output of a command as the user sees it. */
export interface Transcript {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs kubectl as a user does, with a discovery cache of its own.
 *
 * @param input its standard input; an object is sent as JSON
 */
export function runKubectl(cluster: Cluster, args: readonly string[], input?: object | string): Promise<Transcript> {
  return run(cluster, cluster.kubectlPath, args, input);
}

/** Runs a line of shell in which `kubectl` is that of the cluster. */
export function runShell(cluster: Cluster, script: string): Promise<Transcript> {
  return run(cluster, 'bash', ['-o', 'pipefail', '-c', script]);
}

function run(
  cluster: Cluster,
  command: string,
  args: readonly string[],
  input: object | string = '',
): Promise<Transcript> {
  const cacheDir = join(cluster.dataDir, 'transcript-cache');
  const { PATH = '', ...kubectl } = kubectlEnv({ kubeconfig: cluster.kubeconfigPath, cacheDir });
  const env = { ...kubectl, PATH: `${dirname(cluster.kubectlPath)}:${PATH}` };
  return new Promise((resolve) => {
    const child = execFile(command, args, { env, maxBuffer: 2 ** 25 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(typeof input === 'string' ? input : JSON.stringify(input));
  });
}
