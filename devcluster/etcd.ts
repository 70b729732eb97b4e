import { join } from 'node:path';

import { goRuntime } from './go-runtime.ts';
import type { Pki } from './pki.ts';
import { answersOk } from './probe.ts';
import type { Supervisor } from './supervisor.ts';

/** How to run etcd. */
export interface EtcdOptions {
  command: string;
  clientPort: number;
  peerPort: number;
  metricsPort: number;
  /** Skip fsync: faster, loses data when the machine crashes. For tests only. */
  unsafeNoFsync: boolean;
}

/** A running etcd, for kube-apiserver. */
export interface Etcd {
  url: string;
  metricsUrl: string;
}

/** Starts a one-member etcd on loopback that talks only to holders of a certificate of its own authority. */
export async function startEtcd(supervisor: Supervisor, pki: Pki, options: EtcdOptions): Promise<Etcd> {
  const url = `https://127.0.0.1:${options.clientPort}`;
  const peerUrl = `https://127.0.0.1:${options.peerPort}`;
  const metricsUrl = `http://127.0.0.1:${options.metricsPort}`;
  const server = await pki.etcd.issue('etcd', { commonName: 'etcd', hosts: ['127.0.0.1', 'localhost'] });
  await supervisor.start({
    name: 'etcd',
    command: options.command,
    args: [
      '--name=devcluster',
      `--data-dir=${join(supervisor.dataDir, 'etcd')}`,
      `--listen-client-urls=${url}`,
      `--advertise-client-urls=${url}`,
      `--listen-peer-urls=${peerUrl}`,
      `--initial-advertise-peer-urls=${peerUrl}`,
      `--initial-cluster=devcluster=${peerUrl}`,
      `--listen-metrics-urls=${metricsUrl}`,
      '--client-cert-auth',
      `--trusted-ca-file=${pki.etcd.certFile}`,
      `--cert-file=${server.certFile}`,
      `--key-file=${server.keyFile}`,
      '--peer-client-cert-auth',
      `--peer-trusted-ca-file=${pki.etcd.certFile}`,
      `--peer-cert-file=${server.certFile}`,
      `--peer-key-file=${server.keyFile}`,
      // A single member waits for no other: it may elect itself at once.
      '--heartbeat-interval=10',
      '--election-timeout=100',
      '--log-level=warn',
      ...(options.unsafeNoFsync ? ['--unsafe-no-fsync'] : []),
    ],
    env: goRuntime(),
    ready: () => answersOk(`${metricsUrl}/readyz`),
  });
  return { url, metricsUrl: `${metricsUrl}/metrics` };
}
