import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Cluster } from '../cluster.ts';
import { kubectlEnv } from '../kubectl.ts';
import type { Log } from '../log.ts';

const TIMEOUT_MS = 120_000;
/** So that the watch is open before the alert is sent and shows it from its first moment. */
const HEAD_START_MS = 500;

/** A running `kubectl get aegisalert --watch`. */
export interface AlertWatch {
  /**
   * Shows the lines of the next new alert until one of them has a word of `last` in it; returns the alert's name. Rejects when
   * the remediation fails or nothing comes for two minutes.
   */
  follow(last: readonly string[], show: Log): Promise<string>;
  stop(): void;
}

/** Starts to watch the alerts of a namespace; those that exist already are left out. */
export async function watchAlerts(cluster: Cluster, namespace: string): Promise<AlertWatch> {
  const get = ['-n', namespace, 'get', 'aegisalert'];
  const names = await cluster.kubectl([...get, '-o', 'name']);
  const known = new Set(names.split('\n').map((line) => line.replace(/^.*\//, '')));
  const child = spawn(cluster.kubectlPath, [...get, '--watch', '--no-headers'], {
    env: kubectlEnv({ kubeconfig: cluster.kubeconfigPath, cacheDir: `${cluster.dataDir}/kubectl-cache` }),
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const lines = createInterface({ input: child.stdout });
  const waiting: string[] = [];
  lines.on('line', (line) => waiting.push(line));
  await sleep(HEAD_START_MS);

  return {
    async follow(last, show) {
      const deadline = Date.now() + TIMEOUT_MS;
      while (Date.now() < deadline && child.exitCode === null) {
        const line = waiting.shift();
        const name = line?.split(/\s+/, 1)[0] ?? '';
        if (line === undefined) await sleep(20);
        if (line === undefined || known.has(name)) continue;
        show(line);
        if (last.some((word) => line.includes(word))) return name;
        if (line.includes('Failed')) throw new Error(`the remediation of ${name} failed`);
      }
      throw new Error(`no alert became ${last.join(' or ')} within ${TIMEOUT_MS / 1000} s`);
    },
    stop() {
      lines.close();
      child.kill();
    },
  };
}
