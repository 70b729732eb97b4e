import { copyFileSync, cpSync, readFileSync, readdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { installArgo } from '../../devcluster/argo.ts';
import { ensureArgoManifests } from '../../devcluster/binaries/ensure.ts';
import { startCluster, type Cluster } from '../../devcluster/cluster.ts';
import { silent, type Log } from '../../devcluster/log.ts';
import { MANIFESTS, NAMESPACE } from '../../devcluster/start/aegis.ts';
import { openEtcdKeys, type EtcdKeys, type Snapshot } from './etcd-keys.ts';
import { eventually } from './eventually.ts';

/** How long etcd must be left alone for an installation to count as finished. */
const quietMs = 1_000;
const apiserver = 'kube-apiserver';

/**
 * The content of a control plane when it is lent: only the objects of Kubernetes itself, the kinds of Aegis, all that is
 * installed for Aegis before its roles, or that and Argo's kinds. Each includes the ones before it.
 */
export const contents = ['bare', 'kinds', 'aegis', 'argo'] as const;
export type Contents = (typeof contents)[number];

/** A lent control plane, as it is described to another process. */
export interface Loan {
  readonly id: number;
  readonly server: string;
  readonly dataDir: string;
  readonly kubectlPath: string;
  readonly auditLog: string;
  readonly etcdMetricsUrl: string;
}

/** An action of a borrower on the processes of a control plane. */
export type ProcessAction = 'stop' | 'restart' | 'ready';

/** Control planes that tests borrow one after the other, each of them alone. */
export interface ControlPlanes {
  lend(wanted: Contents): Promise<Loan>;
  act(id: number, name: string, action: ProcessAction): Promise<void>;
  /** Undoes all changes of the borrower; the loan continues. */
  reset(id: number, wanted: Contents): Promise<void>;
  takeBack(id: number): Promise<void>;
  stop(): Promise<void>;
}

interface Plane {
  readonly cluster: Cluster;
  readonly etcd: EtcdKeys;
  /** A copy of the keys and certificates. */
  readonly keptPki: string;
  readonly snapshots: Map<Contents, Snapshot>;
  contents: Contents;
  lent: boolean;
  /** Whether the changes of the last borrower were undone. */
  clean: Promise<boolean>;
}

/**
 * Starts a control plane when one is wanted and none is free. The changes of a borrower are undone in etcd, so that the
 * next one finds what a new control plane would hold, without the seconds that a start and the installations take.
 */
export function createControlPlanes(log: Log = silent): ControlPlanes {
  const planes = new Map<number, Plane>();
  let started = 0;

  async function take(): Promise<[number, Plane]> {
    for (const [id, plane] of planes) {
      if (plane.lent) continue;
      plane.lent = true;
      if (await plane.clean) return [id, plane];
      planes.delete(id);
      await end(plane);
    }
    const id = (started += 1);
    const plane = await startPlane();
    planes.set(id, plane);
    return [id, plane];
  }

  function find(id: number): Plane {
    const plane = planes.get(id);
    if (plane === undefined) throw new Error(`there is no control plane ${id}`);
    return plane;
  }

  return {
    lend: async (wanted) => {
      const [id, plane] = await take();
      await fill(plane, wanted);
      const { server, dataDir, kubectlPath, auditLog = '', metricsUrls, supervisor } = plane.cluster;
      // Its borrower finds in these files only what happens from now on.
      for (const file of [auditLog, supervisor.logFile(apiserver)]) truncateSync(file);
      return { id, server, dataDir, kubectlPath, auditLog, etcdMetricsUrl: metricsUrls[0] ?? '' };
    },
    act: (id, name, action) => find(id).cluster.supervisor[action](name),
    reset: async (id, wanted) => {
      const plane = find(id);
      await cleanUp(plane);
      await fill(plane, wanted);
    },
    takeBack: (id) => {
      const plane = find(id);
      plane.clean = cleanUp(plane).then(
        () => true,
        (error: unknown) => {
          log(`Control plane ${id} cannot be used again: ${String(error)}`);
          return false;
        },
      );
      plane.lent = false;
      return Promise.resolve();
    },
    stop: async () => {
      await Promise.all([...planes.values()].map(end));
      planes.clear();
    },
  };
}

async function startPlane(): Promise<Plane> {
  const cluster = await startCluster({
    ...{ nodes: 'none', argo: false, redis: false, audit: true, unsafeNoFsync: true },
    defaultNamespace: NAMESPACE,
  });
  const client = await cluster.pki.etcd.issue('tests', { commonName: 'tests' });
  const keptPki = join(cluster.dataDir, 'kept-pki');
  cpSync(join(cluster.dataDir, 'pki'), keptPki, { recursive: true });
  const ports = JSON.parse(readFileSync(join(cluster.dataDir, 'ports.json'), 'utf8')) as { etcd: number };
  const etcd = openEtcdKeys(`https://127.0.0.1:${ports.etcd}`, client, cluster.pki.etcd.certFile);
  const bare = await settled(etcd);
  const clean = Promise.resolve(true);
  return { cluster, etcd, keptPki, snapshots: new Map([['bare', bare]]), contents: 'bare', lent: true, clean };
}

async function end({ cluster, etcd, clean }: Plane): Promise<void> {
  await clean;
  await etcd.close();
  cluster.supervisor.abort();
  await cluster.stop();
}

/** Restores the fullest contents that are known and not more than wanted; installs the rest and keeps the result. */
async function fill(plane: Plane, wanted: Contents): Promise<void> {
  const upTo = contents.slice(0, contents.indexOf(wanted) + 1);
  const known = upTo.findLast((one) => plane.snapshots.has(one)) ?? 'bare';
  await restore(plane, known);
  const missing = upTo.slice(contents.indexOf(known) + 1);
  if (missing.length === 0) return;
  for (const one of missing) await install(plane.cluster, one);
  plane.snapshots.set(wanted, await settled(plane.etcd));
  plane.contents = wanted;
}

async function install({ kubectl }: Cluster, added: Contents): Promise<void> {
  const apply = ['apply', '--server-side', '--force-conflicts'];
  const [kinds = '', ...rest] = MANIFESTS;
  if (added === 'kinds') await kubectl([...apply, '-f', kinds]);
  if (added === 'aegis') await kubectl([...apply, ...rest.flatMap((file) => ['-f', file])]);
  if (added === 'argo') await installArgo(kubectl, await ensureArgoManifests(process.env, silent));
}

/** Reads etcd when the control plane has nothing more to write, such as accounts and roles that are put together. */
async function settled(etcd: EtcdKeys): Promise<Snapshot> {
  let before = '';
  return eventually(
    'etcd to be quiet',
    async () => {
      const snapshot = await etcd.snapshot();
      const now = [...snapshot].map(([key, { revision }]) => `${key} ${revision}`).join();
      if (now === before) return snapshot;
      before = now;
      return undefined;
    },
    { withinMs: 60_000, everyMs: quietMs },
  );
}

/** Undoes what a borrower may have done to processes, certificates and objects. */
async function cleanUp(plane: Plane): Promise<void> {
  const { cluster } = plane;
  if (cluster.pids()[apiserver] !== undefined) cluster.kill(apiserver, 'SIGCONT');
  const restart = restorePki(plane) || cluster.pids()[apiserver] === undefined;
  if (restart) await cluster.restart(apiserver);
  await cluster.supervisor.ready(apiserver);
  await restore(plane, plane.contents);
}

/** Puts keys and certificates back; returns whether any was changed. */
function restorePki({ cluster, keptPki }: Plane): boolean {
  const dir = join(cluster.dataDir, 'pki');
  const changed = readdirSync(keptPki).filter(
    (name) => !readFileSync(join(keptPki, name)).equals(readFileSync(join(dir, name))),
  );
  for (const name of changed) copyFileSync(join(keptPki, name), join(dir, name));
  return changed.length > 0;
}

/** Restores these contents and waits until kube-apiserver shows them. */
async function restore(plane: Plane, wanted: Contents): Promise<void> {
  const snapshot = plane.snapshots.get(wanted);
  if (snapshot === undefined) throw new Error(`the contents ${wanted} are not known`);
  const restored = await plane.etcd.restore(snapshot);
  const changed = restored !== snapshot;
  plane.snapshots.set(wanted, restored);
  plane.contents = wanted;
  if (changed) await untilShown(plane.cluster, restored);
}

/**
 * Waits until kube-apiserver serves the custom resources of a snapshot and no others. It answers each list from a cache
 * that has caught up with etcd, after which no other client sees an older state either.
 */
async function untilShown({ kubectl }: Cluster, snapshot: Snapshot): Promise<void> {
  const registry = '/registry/apiextensions.k8s.io/customresourcedefinitions/';
  const definitions = [...snapshot.keys()].filter((key) => key.startsWith(registry));
  const expected = definitions.map((key) => key.slice(registry.length)).sort();
  const core = [
    'namespaces',
    'nodes',
    'pods',
    'configmaps',
    'secrets',
    'leases',
    'clusterrolebindings',
    'rolebindings',
  ];
  await eventually(
    'kube-apiserver to serve the kinds of its contents',
    async () => {
      const served = await kubectl(['api-resources', '--cached=false', '--verbs=list', '--output=name']);
      const custom = served.split('\n').filter((name) => /\.(aegis|argoproj)\.io$/.test(name));
      if (custom.sort().join() !== expected.join()) return false;
      await kubectl(['get', [...core, ...custom].join(), '--all-namespaces', '--output=name']);
      return true;
    },
    { withinMs: 60_000, everyMs: 200 },
  );
}
