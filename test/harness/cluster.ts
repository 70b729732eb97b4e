import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { ensureRedisServer } from '../../devcluster/binaries/redis-server.ts';
import type { Cluster } from '../../devcluster/cluster.ts';
import { writeKubeconfig } from '../../devcluster/kubeconfig.ts';
import { createKubectl } from '../../devcluster/kubectl.ts';
import { silent } from '../../devcluster/log.ts';
import { openPki, type Authority, type Pki, type Subject } from '../../devcluster/pki.ts';
import { freePorts } from '../../devcluster/ports.ts';
import { startRedis } from '../../devcluster/redis.ts';
import { NAMESPACE } from '../../devcluster/start/aegis.ts';
import { readTail } from '../../devcluster/supervision/log-tail.ts';
import { readPidFile } from '../../devcluster/supervision/pid-file.ts';
import { signalGroup } from '../../devcluster/supervision/process-group.ts';
import { createSupervisor, type Supervisor } from '../../devcluster/supervisor.ts';
import { createControlPlanes, type Contents, type ControlPlanes, type Loan } from './control-planes.ts';
import { lenderVariable, remoteControlPlanes } from './lending.ts';

export interface BorrowOptions {
  contents: Contents;
  /** Whether there is a Redis beside the control plane; default false. */
  redis?: boolean;
}

/**
 * Returns a cluster without nodes that nothing else uses until it is stopped: a control plane of the runner (under a
 * bare `jest` one that is started for it), with processes, files and certificates of the borrower's own beside it.
 */
export async function borrowCluster({ contents, redis = false }: BorrowOptions): Promise<Cluster> {
  const planes = openControlPlanes();
  const dataDir = mkdtempSync(join(tmpdir(), 'aegis-test-'));
  const own = await createSupervisor(dataDir, silent);
  let loan: Loan | undefined;
  const stop = async (): Promise<void> => {
    own.abort();
    await own.stopAll();
    if (loan !== undefined) await planes.takeBack(loan.id);
    loan = undefined;
    await planes.stop();
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    loan = await planes.lend(contents);
    const redisUrl = redis ? await startOwnRedis(own) : undefined;
    const namespace = ['bare', 'kinds'].includes(contents) ? 'default' : NAMESPACE;
    return await describe({ loan, planes, own, redisUrl, namespace, stop });
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Returns the control planes of the runner, or under a bare `jest` new ones. */
export function openControlPlanes(): ControlPlanes {
  const socket = process.env[lenderVariable];
  return socket === undefined ? createControlPlanes() : remoteControlPlanes(socket);
}

async function startOwnRedis(supervisor: Supervisor): Promise<string> {
  const { command, env } = await ensureRedisServer(process.env, silent);
  const [port = 0] = await freePorts(1);
  return startRedis(supervisor, { command, env: { ...process.env, ...env }, port, password: false });
}

interface Borrowed {
  loan: Loan;
  planes: ControlPlanes;
  own: Supervisor;
  redisUrl: string | undefined;
  /** Of kubectl commands that name none. */
  namespace: string;
  stop: () => Promise<void>;
}

async function describe({ loan, planes, own, redisUrl, namespace, stop }: Borrowed): Promise<Cluster> {
  const { server, kubectlPath, auditLog, etcdMetricsUrl } = loan;
  const { dataDir } = own;
  const pki = await openOwnPki(join(loan.dataDir, 'pki'), join(dataDir, 'pki'));
  const kubeconfigFor = async (name: string, subject: Subject): Promise<string> => {
    const path = join(dataDir, `${name}.kubeconfig`);
    const client = await pki.cluster.issue(`client-${name}`, subject);
    writeKubeconfig(path, { server, caFile: pki.cluster.certFile, client, user: name, namespace });
    return path;
  };
  const kubeconfigPath = await kubeconfigFor('admin', { commonName: 'aegis-dev-admin', groups: ['system:masters'] });
  const kubectl = createKubectl({
    command: kubectlPath,
    kubeconfig: kubeconfigPath,
    cacheDir: join(dataDir, 'kubectl-cache'),
  });
  const supervisor = withControlPlane(own, planes, loan);
  return {
    ...{
      server,
      kubeconfigPath,
      kubectl,
      kubeconfigFor,
      dataDir,
      kubectlPath,
      redisUrl,
      auditLog,
      pki,
      supervisor,
      stop,
    },
    metricsUrls: [etcdMetricsUrl],
    node: undefined,
    pids: () => supervisor.pids(),
    kill: (name, signal) => {
      supervisor.kill(name, signal);
    },
    restart: (name) => supervisor.restart(name),
    logs: (name, lines) => supervisor.logs(name, lines),
  };
}

/** The authorities of the control plane, which write what they issue into a folder of the borrower's own. */
async function openOwnPki(lent: string, dir: string): Promise<Pki> {
  cpSync(lent, dir, { recursive: true });
  const copy = await openPki(dir);
  const at = (authority: Authority, name: string): Authority => ({
    issue: (leaf, subject) => authority.issue(leaf, subject),
    certFile: join(lent, `${name}.crt`),
    keyFile: join(lent, `${name}.key`),
  });
  return {
    cluster: at(copy.cluster, 'ca'),
    frontProxy: at(copy.frontProxy, 'front-proxy-ca'),
    etcd: at(copy.etcd, 'etcd-ca'),
    serviceAccounts: copy.serviceAccounts,
  };
}

/** A supervisor that also reaches the processes of the control plane, which another one keeps alive. */
function withControlPlane(own: Supervisor, planes: ControlPlanes, { id, dataDir }: Loan): Supervisor {
  const lent = (): Record<string, number> => {
    const processes = Object.entries(readPidFile(join(dataDir, 'pids.json'))?.processes ?? {});
    return Object.fromEntries(processes.map(([name, { pid }]) => [name, pid]));
  };
  const isOwn = (name: string): boolean => own.names().includes(name);
  const logFile = (name: string): string => (isOwn(name) ? own.logFile(name) : join(dataDir, 'logs', `${name}.log`));
  return {
    ...own,
    pids: () => ({ ...lent(), ...own.pids() }),
    kill: (name, signal) => {
      const pid = isOwn(name) ? undefined : lent()[name];
      if (pid === undefined) own.kill(name, signal);
      else signalGroup(pid, signal);
    },
    ready: (name) => (isOwn(name) ? own.ready(name) : planes.act(id, name, 'ready')),
    stop: (name) => (isOwn(name) ? own.stop(name) : planes.act(id, name, 'stop')),
    restart: (name) => (isOwn(name) ? own.restart(name) : planes.act(id, name, 'restart')),
    logFile,
    logs: (name, lines = 50) => readTail(logFile(name), lines),
  };
}
