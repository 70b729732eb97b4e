import { answersOk } from './probe.ts';
import type { Pki } from './pki.ts';
import type { Supervisor } from './supervisor.ts';

/** How to run one of the control plane's own clients. */
export interface ControlLoopOptions {
  command: string;
  kubeconfig: string;
  port: number;
}

/** Starts kube-controller-manager: service accounts, garbage collection, namespaces, aggregated roles, node lifecycle. */
export async function startControllerManager(
  supervisor: Supervisor,
  pki: Pki,
  options: ControlLoopOptions,
): Promise<void> {
  await supervisor.start({
    name: 'kube-controller-manager',
    command: options.command,
    args: [
      ...commonFlags(options),
      '--use-service-account-credentials=true',
      `--service-account-private-key-file=${pki.serviceAccounts.privateKeyFile}`,
      `--root-ca-file=${pki.cluster.certFile}`,
      `--cluster-signing-cert-file=${pki.cluster.certFile}`,
      `--cluster-signing-key-file=${pki.cluster.keyFile}`,
    ],
    ready: () => answersOk(`https://127.0.0.1:${options.port}/healthz`),
    stopGraceMs: 3_000,
  });
}

/** Starts kube-scheduler. */
export async function startScheduler(supervisor: Supervisor, options: ControlLoopOptions): Promise<void> {
  await supervisor.start({
    name: 'kube-scheduler',
    command: options.command,
    args: commonFlags(options),
    ready: () => answersOk(`https://127.0.0.1:${options.port}/healthz`),
    stopGraceMs: 3_000,
  });
}

function commonFlags({ kubeconfig, port }: ControlLoopOptions): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    // There is one of each, so it need not wait for a lease that its dead predecessor still holds.
    '--leader-elect=false',
    '--profiling=false',
    // The defaults (20 and 30 calls per second) make deleting a namespace full of objects take minutes.
    '--kube-api-qps=200',
    '--kube-api-burst=400',
  ];
}
