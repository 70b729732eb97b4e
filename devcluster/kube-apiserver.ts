import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Etcd } from './etcd.ts';
import { goRuntime } from './go-runtime.ts';
import type { Pki } from './pki.ts';
import { answersOk } from './probe.ts';
import type { Supervisor } from './supervisor.ts';

/** Service addresses; the first of them is the `kubernetes` Service. */
export const SERVICE_CIDR = '10.0.0.0/24';
export const KUBERNETES_SERVICE_IP = '10.0.0.1';

/** How to run kube-apiserver. */
export interface KubeApiserverOptions {
  command: string;
  port: number;
  etcd: Etcd;
  /** Whether pods of a real node call it, at the address of the `kubernetes` Service, which the node leads to it. */
  reachableFromPods: boolean;
  /**
   * Whether what is registered as an extension is found by the EndpointSlices of its Service, as in a cluster whose
   * kube-apiserver has no kube-proxy beside it. Those must not name loopback addresses, where extensions listen that run
   * outside of pods: these are dialled by a Service of type ExternalName, which takes that this is off.
   */
  extensionsInPods: boolean;
  /** File in which each request is recorded, one JSON object a line; undefined: no recording. */
  auditLog: string | undefined;
}

/** Starts kube-apiserver with authentication, RBAC and the aggregation layer switched on; answers its URL. */
export async function startKubeApiserver(
  supervisor: Supervisor,
  pki: Pki,
  options: KubeApiserverOptions,
): Promise<string> {
  const url = `https://127.0.0.1:${options.port}`;
  const certDir = join(supervisor.dataDir, 'kube-apiserver');
  mkdirSync(certDir, { recursive: true });
  await supervisor.start({
    name: 'kube-apiserver',
    command: options.command,
    args: [
      ...(await servingFlags(pki, options)),
      ...(await storageFlags(pki, options.etcd)),
      ...authenticationFlags(pki),
      ...(await aggregationFlags(pki, options)),
      ...(await kubeletFlags(pki)),
      ...(options.auditLog === undefined ? [] : auditFlags(options.auditLog)),
      '--authorization-mode=Node,RBAC',
      '--enable-admission-plugins=NodeRestriction',
      '--allow-privileged=true',
      `--service-cluster-ip-range=${SERVICE_CIDR}`,
      `--cert-dir=${certDir}`,
      '--profiling=false',
      '--shutdown-delay-duration=0s',
    ],
    env: goRuntime(),
    ready: () => answersOk(`${url}/readyz`),
  });
  return url;
}

async function servingFlags(pki: Pki, options: KubeApiserverOptions): Promise<string[]> {
  const service = [
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    'kubernetes.default.svc.cluster.local',
  ];
  const { certFile, keyFile } = await pki.cluster.issue('kube-apiserver', {
    commonName: 'kube-apiserver',
    hosts: ['127.0.0.1', 'localhost', KUBERNETES_SERVICE_IP, ...service],
  });
  return [
    `--secure-port=${options.port}`,
    '--bind-address=127.0.0.1',
    `--advertise-address=${KUBERNETES_SERVICE_IP}`,
    // Without pods no client reads the endpoints of the `kubernetes` Service, and the address would be wrong.
    `--endpoint-reconciler-type=${options.reachableFromPods ? 'lease' : 'none'}`,
    `--tls-cert-file=${certFile}`,
    `--tls-private-key-file=${keyFile}`,
  ];
}

async function storageFlags(pki: Pki, etcd: Etcd): Promise<string[]> {
  const { certFile, keyFile } = await pki.etcd.issue('kube-apiserver-etcd-client', { commonName: 'kube-apiserver' });
  return [
    `--etcd-servers=${etcd.url}`,
    `--etcd-cafile=${pki.etcd.certFile}`,
    `--etcd-certfile=${certFile}`,
    `--etcd-keyfile=${keyFile}`,
  ];
}

function authenticationFlags({ cluster, serviceAccounts }: Pki): string[] {
  return [
    `--client-ca-file=${cluster.certFile}`,
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${serviceAccounts.publicKeyFile}`,
    `--service-account-signing-key-file=${serviceAccounts.privateKeyFile}`,
  ];
}

/**
 * The authority for these headers must not be the one for clients: a client with a certificate of both could claim to
 * be any user.
 */
async function aggregationFlags({ frontProxy }: Pki, { extensionsInPods }: KubeApiserverOptions): Promise<string[]> {
  const commonName = 'front-proxy-client';
  const { certFile, keyFile } = await frontProxy.issue(commonName, { commonName });
  return [
    `--requestheader-client-ca-file=${frontProxy.certFile}`,
    `--requestheader-allowed-names=${commonName}`,
    '--requestheader-username-headers=X-Remote-User',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    `--proxy-client-cert-file=${certFile}`,
    `--proxy-client-key-file=${keyFile}`,
    `--enable-aggregator-routing=${extensionsInPods}`,
  ];
}

/** Records the user, the request and the result; never bodies, which may hold secrets. */
function auditFlags(file: string): string[] {
  const policy = {
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived'],
    rules: [{ level: 'Metadata' }],
  };
  const policyFile = `${file}.policy.json`;
  writeFileSync(policyFile, JSON.stringify(policy));
  return [`--audit-log-path=${file}`, `--audit-policy-file=${policyFile}`];
}

async function kubeletFlags({ cluster }: Pki): Promise<string[]> {
  const { certFile, keyFile } = await cluster.issue('kube-apiserver-kubelet-client', {
    commonName: 'kube-apiserver-kubelet-client',
    groups: ['system:masters'],
  });
  return [
    `--kubelet-client-certificate=${certFile}`,
    `--kubelet-client-key=${keyFile}`,
    '--kubelet-preferred-address-types=InternalIP,Hostname',
  ];
}
