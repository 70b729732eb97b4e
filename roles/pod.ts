import { existsSync } from 'node:fs';

/** Where a pod reads which namespace it runs in. */
export const podNamespaceFile = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';

/** Whether this process runs in a pod with a service account. */
export const inPod = existsSync(podNamespaceFile);
