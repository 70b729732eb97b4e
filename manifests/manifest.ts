import type { KubeObject, ObjectMeta } from '../crds/object.ts';

/** An object to be installed; everything but its identity is written as Kubernetes takes it. */
export interface Manifest extends KubeObject {
  readonly [field: string]: unknown;
}

/**
 * The release namespace: where Aegis runs and keeps what is its own. Who wants another one replaces it in the generated
 * files.
 */
export const releaseNamespace = 'monitoring';

/** Labels of everything that is installed. */
export const partOf = { 'app.kubernetes.io/part-of': 'aegis' } as const;

/** Metadata of a cluster-scoped object. */
export function clusterWide(name: string, labels: Readonly<Record<string, string>> = {}): ObjectMeta {
  return { name, labels: { ...partOf, ...labels } };
}

/** Metadata of an object in the release namespace, unless another one is given. */
export function namespaced(name: string, namespace: string = releaseNamespace): ObjectMeta {
  return { name, namespace, labels: partOf };
}
