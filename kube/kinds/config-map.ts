import type { KubeObject, ResourceType } from '../../crds/object.ts';

/** A `v1` ConfigMap with text data. */
export interface ConfigMap extends KubeObject {
  data?: Record<string, string>;
}

export const configMaps: ResourceType<ConfigMap> = {
  group: '',
  version: 'v1',
  plural: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
};
