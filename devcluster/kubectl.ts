import { spawn } from 'node:child_process';

/** Runs kubectl with the given arguments and standard input; answers its standard output, rejects with its error text. */
export type Kubectl = (args: readonly string[], input?: string) => Promise<string>;

/** Where kubectl is and whom it speaks to. */
export interface KubectlOptions {
  command: string;
  kubeconfig: string;
  /** Where it may cache discovery. The user's own cache is keyed by address, and ours are used again and again. */
  cacheDir: string;
}

/** The environment for a kubectl that speaks to this cluster. */
export function kubectlEnv({ kubeconfig, cacheDir }: Omit<KubectlOptions, 'command'>): NodeJS.ProcessEnv {
  return { ...process.env, KUBECONFIG: kubeconfig, KUBECACHEDIR: cacheDir };
}

export function createKubectl(options: KubectlOptions): Kubectl {
  return async (args, input) => {
    const child = spawn(options.command, args, { env: kubectlEnv(options), stdio: ['pipe', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input ?? '');
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (code !== 0) throw new Error(`kubectl ${args.slice(0, 3).join(' ')} failed: ${stderr.trim()}`);
    return stdout;
  };
}
