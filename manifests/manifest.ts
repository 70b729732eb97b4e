import type { KubeObject, ObjectMeta } from '../crds/object.ts';

/** An object to install; its fields are those of Kubernetes. */
export interface Manifest extends KubeObject {
  readonly [field: string]: unknown;
}

/**
 * The release namespace, where Aegis runs and stores its own objects. To use another one, replace it in the generated
 * files.
 */
export const releaseNamespace = 'monitoring';

/** Labels of all installed objects. */
export const partOf = { 'app.kubernetes.io/part-of': 'aegis' } as const;

/** Returns the metadata of a cluster-scoped object. */
export function clusterWide(name: string, labels: Readonly<Record<string, string>> = {}): ObjectMeta {
  return { name, labels: { ...partOf, ...labels } };
}

/** Returns the metadata of an object in the release namespace, unless another one is given. */
export function namespaced(name: string, namespace: string = releaseNamespace): ObjectMeta {
  return { name, namespace, labels: partOf };
}
