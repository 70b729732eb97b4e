import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Cluster } from '../../devcluster/cluster.ts';
import { accountKubeconfig } from '../../devcluster/start/aegis.ts';
import { startApiServer } from '../harness/api-server.ts';

const OPS = fileURLToPath(new URL('../../ops/aegis-ops', import.meta.url));
const TOOLKIT = fileURLToPath(new URL('../../manifests/toolkit', import.meta.url));

/** The result of a run of `aegis-ops`. */
export interface Outcome {
  code: number | null;
  output: string;
}

/** A cluster whose nodes are objects only, and the scripts as they run in a pod of a template. */
export interface OpsFixture {
  cluster: Cluster;
  /**
   * Runs an action with the rights of a template's own ServiceAccount.
   *
   * @param around a shell script that is called instead of kubectl and may call it as `"$KUBECTL" "$@"`
   */
  run(template: string, args: readonly string[], around?: string): Running;
  /** Creates objects, e.g. of `nodeObject` and `podObject`. */
  create(...objects: object[]): Promise<void>;
  /** Whether the node is unschedulable. */
  isCordoned(node: string): Promise<boolean>;
  stop(): Promise<void>;
}

/** A run that is under way. */
export interface Running {
  pid: number;
  ended: Promise<Outcome>;
}

export async function startOpsFixture(): Promise<OpsFixture> {
  const cluster = await startApiServer();
  try {
    await cluster.kubectl(['apply', '--server-side', '-f', TOOLKIT]);
  } catch (error) {
    await cluster.stop();
    throw error;
  }
  const kubeconfigs = new Map<string, string>();
  const accounts = ['cordon', 'uncordon', 'drain', 'drain-then-delete', 'delete-pod', 'collect-evidence'];
  for (const name of accounts) kubeconfigs.set(name, await accountKubeconfig(cluster, `aegis-ops-${name}`));
  return {
    cluster,
    run: (template, args, around) => {
      const bin = around === undefined ? dirname(cluster.kubectlPath) : fakeKubectl(cluster, around);
      const child = spawn('sh', [OPS, ...args], {
        env: {
          ...process.env,
          PATH: `${bin}:${process.env['PATH'] ?? ''}`,
          KUBECONFIG: kubeconfigs.get(template),
          KUBECTL: cluster.kubectlPath,
          ADMIN: cluster.kubeconfigPath,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
        // A group of its own, so that a test can kill it with everything that it has started.
        detached: true,
      });
      let output = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text: string) => (output += text));
      }
      const ended = new Promise<Outcome>((resolve, reject) => {
        child.once('error', reject);
        child.once('close', (code) => {
          resolve({ code, output });
        });
      });
      return { pid: child.pid ?? 0, ended };
    },
    create: async (...objects) => {
      await cluster.kubectl(['create', '-f', '-'], objects.map((object) => JSON.stringify(object)).join('\n---\n'));
    },
    isCordoned: async (node) =>
      (await cluster.kubectl(['get', 'node', node, '-o', 'jsonpath={.spec.unschedulable}'])) === 'true',
    stop: () => cluster.stop(),
  };
}

function fakeKubectl(cluster: Cluster, script: string): string {
  const bin = mkdtempSync(join(cluster.dataDir, 'kubectl-'));
  writeFileSync(join(bin, 'kubectl'), `#!/bin/sh\nhere=${bin}\n${script}\n`, { mode: 0o755 });
  return bin;
}

export function nodeObject(name: string): object {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name } };
}

/** A pod on a node. No kubelet runs it, so it is gone as soon as its deletion is requested. */
export function podObject(name: string, node: string, metadata: object = {}, spec: object = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', ...metadata },
    spec: {
      nodeName: node,
      terminationGracePeriodSeconds: 0,
      tolerations: [{ operator: 'Exists' }],
      containers: [{ name: 'main', image: 'busybox' }],
      ...spec,
    },
  };
}
