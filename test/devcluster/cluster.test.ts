import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';

import { startCluster, type Cluster, type ClusterOptions } from '../../devcluster/cluster.ts';
import { identify, isAlive } from '../../devcluster/supervision/identity.ts';
import { readPidFile } from '../../devcluster/supervision/pid-file.ts';

// The first run on a machine compiles Kubernetes.
jest.setTimeout(20 * 60_000);

const BARE: ClusterOptions = { nodes: 'none', argo: false, redis: false, unsafeNoFsync: true };

/** The identities of a cluster's processes, to ask for them after their end. */
function identities(cluster: Cluster) {
  return Object.values(cluster.pids()).map((pid) => identify(pid)!);
}

describe('a cluster', () => {
  let dataDir: string;

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'aegis-cluster-'));
  });
  afterEach(() => {
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('serves the API, with Redis, and leaves neither process nor folder behind', async () => {
    const cluster = await startCluster({ ...BARE, redis: { password: true } });
    const processes = identities(cluster);
    expect(Object.keys(cluster.pids()).sort()).toEqual([
      ...['etcd', 'kube-apiserver', 'kube-controller-manager', 'redis'],
    ]);
    expect(await cluster.kubectl(['get', 'namespace', 'default', '-o', 'name'])).toBe('namespace/default\n');
    expect(cluster.redisUrl).toMatch(/^redis:\/\/:[0-9a-f]{32}@127\.0\.0\.1:\d+$/);
    await cluster.stop();
    expect(processes.filter(isAlive)).toEqual([]);
    expect(existsSync(cluster.dataDir)).toBe(false);
  });

  it('refuses what is no Workflow where the CRDs are strict', async () => {
    const cluster = await startCluster({ ...BARE, argo: { strictCrds: true } });
    const create = (spec: object) => {
      const metadata = { name: 'tried', namespace: 'default' };
      const file = join(dataDir, 'workflow.json');
      writeFileSync(file, JSON.stringify({ apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow', metadata, spec }));
      return cluster.kubectl(['create', '--dry-run=server', '--validate=false', '-f', file]);
    };
    try {
      const templates = [{ name: 'main', container: { image: 'alpine' } }];
      await expect(create({ entrypoint: 'main', templates })).resolves.toContain('tried created');
      await expect(create({ entrypoint: 1, templates })).rejects.toThrow(
        'spec.entrypoint in body must be of type string',
      );
    } finally {
      await cluster.stop();
    }
  });

  it('runs beside another one, each with its own objects', async () => {
    const clusters = await Promise.all([startCluster(BARE), startCluster(BARE)]);
    const [one, two] = clusters;
    try {
      await one.kubectl(['create', 'namespace', 'only-in-one']);
      expect(await two.kubectl(['get', 'namespace', 'only-in-one', '--ignore-not-found'])).toBe('');
    } finally {
      await Promise.all(clusters.map((cluster) => cluster.stop()));
    }
  });

  it('gives service accounts tokens, judges them by RBAC, and deletes namespaces', async () => {
    const cluster = await startCluster(BARE);
    try {
      const can = (verb: string) =>
        cluster
          .kubectl(['auth', 'can-i', verb, 'pods', '--as=system:serviceaccount:default:robot'])
          .catch(() => 'no\n');
      await cluster.kubectl(['create', 'serviceaccount', 'robot']);
      await cluster.kubectl(['create', 'rolebinding', 'robot', '--clusterrole=view', '--serviceaccount=default:robot']);
      expect(await cluster.kubectl(['create', 'token', 'robot'])).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
      // The controller that puts `view` together needs a moment after the start.
      while ((await can('list')) !== 'yes\n') await sleep(200);
      expect(await can('delete')).toBe('no\n');
      await cluster.kubectl(['create', 'namespace', 'short-lived']);
      await cluster.kubectl(['delete', 'namespace', 'short-lived', '--timeout=60s']);
    } finally {
      await cluster.stop();
    }
  });

  it('brings a killed kube-apiserver back at the same address', async () => {
    const cluster = await startCluster(BARE);
    try {
      const before = cluster.pids()['kube-apiserver'];
      cluster.kill('kube-apiserver', 'SIGKILL');
      while ([undefined, before].includes(cluster.pids()['kube-apiserver'])) await sleep(100);
      await cluster.supervisor.ready('kube-apiserver');
      expect(await cluster.kubectl(['get', 'namespace', 'default', '-o', 'name'])).toBe('namespace/default\n');
    } finally {
      await cluster.stop();
    }
  });

  it('goes on with its data at the next start', async () => {
    const first = await startCluster({ ...BARE, dataDir });
    await first.kubectl(['create', 'namespace', 'kept']);
    await first.stop();
    const second = await startCluster({ ...BARE, dataDir });
    try {
      expect(second.server).toBe(first.server);
      expect(await second.kubectl(['get', 'namespace', 'kept', '-o', 'name'])).toBe('namespace/kept\n');
    } finally {
      await second.stop();
    }
  });

  it('ends a start that is interrupted', async () => {
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

  it('ends with its owner when that is killed, and cleans up when even the helper was', async () => {
    const script = join(dataDir, 'owner.ts');
    const module = fileURLToPath(new URL('../../devcluster/cluster.ts', import.meta.url));
    const options = JSON.stringify({ ...BARE, dataDir: join(dataDir, 'data') });
    writeFileSync(
      script,
      `import { startCluster } from ${JSON.stringify(module)};
       await startCluster(${options});
       console.log('ready');`,
    );
    const pidFile = join(dataDir, 'data', 'pids.json');
    const own = async () => {
      const owner = spawn(process.execPath, [script], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, NODE_OPTIONS: '' },
      });
      await new Promise((resolve) => owner.stdout.once('data', resolve));
      return { owner, left: Object.values(readPidFile(pidFile)!.processes) };
    };

    const first = await own();
    first.owner.kill('SIGKILL');
    while (first.left.some(isAlive)) await sleep(100);

    while (existsSync(pidFile)) await sleep(100);
    const second = await own();
    // Stopped, it cannot notice the end of its owner before we have killed it as well.
    const reaper = await findReaper(pidFile);
    process.kill(reaper, 'SIGSTOP');
    const ownerEnd = once(second.owner, 'exit');
    second.owner.kill('SIGKILL');
    process.kill(reaper, 'SIGKILL');
    await ownerEnd;
    expect(second.left.every(isAlive)).toBe(true);
    const successor = await startCluster({ ...BARE, dataDir: join(dataDir, 'data') });
    expect(second.left.filter(isAlive)).toEqual([]);
    await successor.stop();
  });
});

async function findReaper(pidFile: string): Promise<number> {
  const { stdout } = await promisify(execFile)('pgrep', ['-f', `reaper.ts ${pidFile}`]);
  return Number(stdout);
}
