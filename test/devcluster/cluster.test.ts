import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { workflows, type Workflow } from '../../crds/workflow.ts';
import { startCluster, type Cluster, type ClusterOptions } from '../../devcluster/cluster.ts';
import { identify, isAlive } from '../../devcluster/supervision/identity.ts';
import { readPidFile } from '../../devcluster/supervision/pid-file.ts';
import { connect } from '../../kube/client/connection.ts';
import { resources, type ResourceClient } from '../../kube/client/resources.ts';
import { createRestClient } from '../../kube/client/rest.ts';
import { cpuMs } from '../bench/cpu.ts';
import { inParallel } from '../bench/statistics.ts';
import { eventually } from '../harness/eventually.ts';

jest.setTimeout(3 * 60_000);

const BARE: ClusterOptions = { nodes: 'none', argo: false, redis: false, unsafeNoFsync: true };

/** Where the kernel tells how much time a process has used. */
const onLinux = existsSync('/proc/self/stat') ? it : it.skip;

/** The identities of a cluster's processes, to ask for them after their end. */
function identities(cluster: Cluster) {
  return Object.values(cluster.pids()).map((pid) => identify(pid)!);
}

describe('a cluster', () => {
  let folder: string;
  /** With Redis, in a folder that was asked for. */
  let one: Cluster;
  /** With Argo's full CRDs, in a temporary folder. */
  let two: Cluster;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'aegis-cluster-'));
    [one, two] = await Promise.all([
      startCluster({ ...BARE, redis: { password: true }, dataDir: join(folder, 'one') }),
      startCluster({ ...BARE, argo: { strictCrds: true } }),
    ]);
  });
  afterAll(async () => {
    await Promise.all([one, two].map((cluster) => cluster.stop()));
    rmSync(folder, { recursive: true, force: true });
  });

  it('a cluster with strict CRDs refuses an invalid Workflow', async () => {
    const create = (spec: object) => {
      const metadata = { name: 'tried', namespace: 'default' };
      const file = join(folder, 'workflow.json');
      writeFileSync(file, JSON.stringify({ apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow', metadata, spec }));
      return two.kubectl(['create', '--dry-run=server', '--validate=false', '-f', file]);
    };
    const templates = [{ name: 'main', container: { image: 'alpine' } }];
    await expect(create({ entrypoint: 'main', templates })).resolves.toContain('tried created');
    await expect(create({ entrypoint: 1, templates })).rejects.toThrow(
      'spec.entrypoint in body must be of type string',
    );
  });

  it('a cluster runs beside another one, each with its own objects', async () => {
    await one.kubectl(['create', 'namespace', 'only-in-one']);
    expect(await two.kubectl(['get', 'namespace', 'only-in-one', '--ignore-not-found'])).toBe('');
  });

  it('a cluster issues tokens for service accounts, authorises them by RBAC, and deletes namespaces', async () => {
    const can = (verb: string) =>
      one.kubectl(['auth', 'can-i', verb, 'pods', '--as=system:serviceaccount:default:robot']).catch(() => 'no\n');
    await one.kubectl(['create', 'serviceaccount', 'robot']);
    await one.kubectl(['create', 'rolebinding', 'robot', '--clusterrole=view', '--serviceaccount=default:robot']);
    expect(await one.kubectl(['create', 'token', 'robot'])).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    // The controller that puts `view` together needs a moment after the start.
    while ((await can('list')) !== 'yes\n') await sleep(200);
    expect(await can('delete')).toBe('no\n');
    await one.kubectl(['create', 'namespace', 'short-lived']);
    await one.kubectl(['delete', 'namespace', 'short-lived', '--timeout=60s']);
  });

  it('a cluster restarts a killed kube-apiserver at the same address', async () => {
    const before = one.pids()['kube-apiserver'];
    one.kill('kube-apiserver', 'SIGKILL');
    while ([undefined, before].includes(one.pids()['kube-apiserver'])) await sleep(100);
    await one.supervisor.ready('kube-apiserver');
    expect(await one.kubectl(['get', 'namespace', 'default', '-o', 'name'])).toBe('namespace/default\n');
  });

  onLinux(
    'kube-apiserver with the full CRDs of Argo needs less than 0.2 cores at rest with 150 MB of Workflows',
    async () => {
      const connection = connect({ kubeconfig: two.kubeconfigPath });
      await createLargeWorkflows(resources(createRestClient(connection), workflows));
      await connection.close();
      const cores = await eventually(
        'kube-apiserver to rest',
        async () => {
          const used = await coresOf(two.pids()['kube-apiserver']!, 3_000);
          return used < 0.2 && used;
        },
        { withinMs: 90_000 },
      );
      expect(cores).toBeLessThan(0.2);
    },
  );

  it('a cluster serves the API, with Redis, and leaves neither process nor folder behind', async () => {
    const processes = [one, two].flatMap(identities);
    expect(Object.keys(one.pids()).sort()).toEqual([...['etcd', 'kube-apiserver', 'kube-controller-manager', 'redis']]);
    expect(await one.kubectl(['get', 'namespace', 'default', '-o', 'name'])).toBe('namespace/default\n');
    expect(one.redisUrl).toMatch(/^redis:\/\/:[0-9a-f]{32}@127\.0\.0\.1:\d+$/);
    await one.kubectl(['create', 'namespace', 'kept']);
    await Promise.all([one.stop(), two.stop()]);
    expect(processes.filter(isAlive)).toEqual([]);
    expect(existsSync(two.dataDir)).toBe(false);
  });

  it('a start that is interrupted leaves nothing running', async () => {
    const dataDir = join(folder, 'interrupted');
    const interruption = new AbortController();
    const log = (line: string): void => {
      if (line.startsWith('Starting etcd'))
        setTimeout(() => {
          interruption.abort(new Error('enough'));
        }, 500);
    };
    const start = startCluster({ ...BARE, dataDir, signal: interruption.signal, log });
    await expect(start).rejects.toThrow('enough');
    expect(existsSync(join(dataDir, 'pids.json'))).toBe(false);
  });

  describe('a cluster in the folder of an earlier one', () => {
    let owner: ChildProcess;

    /** Starts a process that owns a cluster; resolves when that is ready. */
    async function startOwner(): Promise<void> {
      const script = join(folder, 'owner.ts');
      const module = fileURLToPath(new URL('../../devcluster/cluster.ts', import.meta.url));
      const options = JSON.stringify({ ...BARE, dataDir: one.dataDir });
      writeFileSync(
        script,
        `import { startCluster } from ${JSON.stringify(module)};
         await startCluster(${options});
         console.log('ready');`,
      );
      const child = spawn(process.execPath, [script], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, NODE_OPTIONS: '' },
      });
      owner = child;
      await new Promise((resolve) => child.stdout.once('data', resolve));
    }

    beforeAll(async () => {
      await one.stop();
      await startOwner();
    });

    it('a cluster keeps its data and its address at the next start', async () => {
      const server = await one.kubectl(['config', 'view', '--output=jsonpath={.clusters[0].cluster.server}']);
      expect(server).toBe(one.server);
      expect(await one.kubectl(['get', 'namespace', 'kept', '-o', 'name'])).toBe('namespace/kept\n');
    });

    it('a cluster ends when its owner is killed, and the next start cleans up when even the helper was killed', async () => {
      const pidFile = join(one.dataDir, 'pids.json');
      const processes = () => Object.values(readPidFile(pidFile)!.processes);
      const first = processes();
      owner.kill('SIGKILL');
      while (first.some(isAlive)) await sleep(100);

      while (existsSync(pidFile)) await sleep(100);
      await startOwner();
      const second = processes();
      // Stopped, it cannot notice the end of its owner before we have killed it as well.
      const reaper = await findReaper(pidFile);
      process.kill(reaper, 'SIGSTOP');
      const ownerEnd = once(owner, 'exit');
      owner.kill('SIGKILL');
      process.kill(reaper, 'SIGKILL');
      await ownerEnd;
      expect(second.every(isAlive)).toBe(true);
      const successor = await startCluster({ ...BARE, dataDir: one.dataDir });
      expect(second.filter(isAlive)).toEqual([]);
      await successor.stop();
    });
  });
});

/**
 * Fills the memory of kube-apiserver about as much as 10,000 alerts and 2,000 Workflows of usual size, in a tenth of the
 * time. With a memory limit of 600 MiB its garbage collector never rested after either.
 */
async function createLargeWorkflows(client: ResourceClient<Workflow>): Promise<void> {
  const numbers = Array.from({ length: 500 }, (_, index) => index);
  await inParallel(numbers, 8, async (index) => {
    const value = `${index}`.padEnd(300 * 1024, 'x');
    await client.create({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Workflow',
      metadata: { name: `large-${index}`, namespace: 'default' },
      spec: {
        entrypoint: 'main',
        arguments: { parameters: [{ name: 'text', value }] },
        templates: [{ name: 'main', container: { image: 'alpine' } }],
      },
    });
  });
}

/** How much of a core a process uses over some time, by what the kernel has accounted to it. */
async function coresOf(pid: number, ms: number): Promise<number> {
  const before = cpuMs(pid);
  await sleep(ms);
  return (cpuMs(pid) - before) / ms;
}

async function findReaper(pidFile: string): Promise<number> {
  const { stdout } = await promisify(execFile)('pgrep', ['-f', `reaper.ts ${pidFile}`]);
  return Number(stdout);
}
