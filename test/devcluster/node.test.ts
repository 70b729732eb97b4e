import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { cacheRoot } from '../../devcluster/binaries/cache.ts';
import { unpackDebianPackages, type DebianRoot } from '../../devcluster/binaries/debian.ts';
import { ensureBinaries } from '../../devcluster/binaries/ensure.ts';
import { createKubectl, type Kubectl } from '../../devcluster/kubectl.ts';
import { silent } from '../../devcluster/log.ts';
import { NODE_PACKAGES, canRunRealNode } from '../../devcluster/node/index.ts';
import { NO_TRACES, findNodeTraces, pidsOf } from './node-traces.ts';

const RUN_CLUSTER = fileURLToPath(new URL('./run-cluster.ts', import.meta.url));
const EXAMPLE = readFileSync(new URL('./example-workflow.yaml', import.meta.url), 'utf8');

const START_TIMEOUT_MS = 5 * 60_000;
const TEST_TIMEOUT_MS = 5 * 60_000;

const verdict = canRunRealNode();
const suite = verdict.ok ? describe : describe.skip;

suite(`a real node${verdict.ok ? '' : ` (skipped: ${verdict.reason})`}`, () => {
  let dataDir: string;
  let debian: DebianRoot;
  let kubectl: Kubectl;
  /** The process that owns the cluster, and its line when the cluster is ready. */
  let child: ChildProcess;
  let readyLine = '';
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'aegis-node-test-'));
    debian = await unpackDebianPackages(NODE_PACKAGES, { cacheDir: cacheRoot(process.env), log: silent });
    const { kubectl: command } = await ensureBinaries(['kubectl'], process.env, silent);
    kubectl = createKubectl({
      command,
      kubeconfig: join(dataDir, 'admin.kubeconfig'),
      cacheDir: join(dataDir, 'kubectl-cache'),
    });
  }, START_TIMEOUT_MS);

  afterAll(async () => {
    for (const started of children) started.kill('SIGKILL');
    while (pidsOf(dataDir).length > 0) await sleep(100);
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
  }, TEST_TIMEOUT_MS);

  async function runCluster(): Promise<ChildProcess> {
    const started = spawn(process.execPath, [RUN_CLUSTER, dataDir], {
      env: { ...process.env, NODE_OPTIONS: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(started);
    let said = '';
    started.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    await new Promise<void>((resolve, reject) => {
      started.stdout.setEncoding('utf8').once('data', (line: string) => {
        readyLine = line;
        resolve();
      });
      started.once('exit', () => {
        reject(new Error(`the cluster did not start:\n${said}`));
      });
    });
    return started;
  }

  function ended(process: ChildProcess): Promise<number | null> {
    return new Promise((resolve) => {
      process.once('exit', resolve);
    });
  }

  describe('a running node', () => {
    beforeAll(async () => {
      child = await runCluster();
    }, START_TIMEOUT_MS);

    it('a real node is Ready and schedulable', async () => {
      const node = await kubectl(['get', 'node', 'dev1', '--no-headers']);
      expect(node).toMatch(/^dev1\s+Ready\s/);
    });

    it(
      'a real node runs the Workflow of the example, which cordons it',
      async () => {
        await kubectl(['apply', '-f', '-'], EXAMPLE);
        await kubectl([
          '-n',
          'monitoring',
          'wait',
          '--for=jsonpath={.status.phase}=Succeeded',
          'workflow/example',
          '--timeout=120s',
        ]);
        expect(await kubectl(['get', 'node', 'dev1', '-o', 'jsonpath={.spec.unschedulable}'])).toBe('true');
        const logs = ['-n', 'monitoring', 'logs', '-l', 'workflows.argoproj.io/workflow=example', '-c', 'main'];
        expect(await kubectl(logs)).toBe('node/dev1 cordoned\n');
      },
      TEST_TIMEOUT_MS,
    );

    it(
      'commands in pods of a real node reach the API under their own identity',
      async () => {
        await kubectl(['uncordon', 'dev1']);
        await kubectl(['-n', 'monitoring', 'wait', '--for=condition=Ready', 'pod/shell', '--timeout=60s']);
        const exec = ['-n', 'monitoring', 'exec', 'shell', '--', '/bin/bash', '-c'];
        expect(await kubectl([...exec, 'kubectl auth whoami -o jsonpath={.status.userInfo.username}'])).toBe(
          'system:serviceaccount:monitoring:aegis-workflow',
        );
        expect(await kubectl([...exec, 'echo $KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT'])).toBe(
          '10.0.0.1:443\n',
        );
      },
      TEST_TIMEOUT_MS,
    );

    it(
      'a real node keeps its pods when the runtime and the kubelet die',
      async () => {
        const pids = JSON.parse(readFileSync(join(dataDir, 'pids.json'), 'utf8')) as {
          processes: Record<string, { pid: number }>;
        };
        for (const name of ['containerd', 'kubelet']) process.kill(-pids.processes[name]!.pid, 'SIGKILL');
        const exec = ['-n', 'monitoring', 'exec', 'shell', '--', 'hostname'];
        let answer = '';
        while (answer === '') {
          await sleep(500);
          answer = await kubectl(exec).catch(() => '');
        }
        const restarts = 'jsonpath={.status.containerStatuses[0].restartCount}';
        expect(await kubectl(['-n', 'monitoring', 'get', 'pod', 'shell', '-o', restarts])).toBe('0');
      },
      TEST_TIMEOUT_MS,
    );
  });

  describe('after a kill -9 of everything', () => {
    it(
      'a killed cluster with a real node starts again in the same folder, and its node is schedulable',
      async () => {
        await kubectl(['cordon', 'dev1']);
        const gone = ended(child);
        for (const pid of pidsOf(dataDir)) process.kill(pid, 'SIGKILL');
        await gone;
        expect((await findNodeTraces(dataDir, debian)).rules).not.toEqual([]);

        child = await runCluster();
        expect(readyLine).toBe('ready dev1\n');
        expect(await kubectl(['get', 'node', 'dev1', '--no-headers'])).toMatch(/^dev1\s+Ready\s/);
      },
      TEST_TIMEOUT_MS,
    );

    it(
      'a real node shows in the kernel while it runs, and leaves no trace after Ctrl-C',
      async () => {
        for (const [kind, found] of Object.entries(await findNodeTraces(dataDir, debian))) {
          expect([kind, found]).toEqual([kind, expect.arrayContaining([expect.anything()])]);
        }
        child.kill('SIGINT');
        expect(await ended(child)).toBe(0);
        while (pidsOf(dataDir).length > 0) await sleep(100);
        expect(await findNodeTraces(dataDir, debian)).toEqual(NO_TRACES);
      },
      TEST_TIMEOUT_MS,
    );
  });
});
