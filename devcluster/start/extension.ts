import type { Kubectl } from '../kubectl.ts';

/** A Service as kube-apiserver knows it. */
export interface ServiceName {
  readonly namespace: string;
  readonly name: string;
}

/**
 * Leads kube-apiserver to an extension server or webhook that runs on this machine: the Service stands for 127.0.0.1,
 * and the port that is dialled is the one that an APIService or a webhook names beside it. An address, not `localhost`:
 * that may mean ::1 first, where another process may listen.
 */
export async function createExtensionService(kubectl: Kubectl, service: ServiceName, port: number): Promise<void> {
  const manifest = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: service,
    // The port is only for display; no program reads it.
    spec: { type: 'ExternalName', externalName: '127.0.0.1', ports: [{ name: 'https', port }] },
  };
  await kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], JSON.stringify(manifest));
}
