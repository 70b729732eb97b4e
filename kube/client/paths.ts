import type { ResourceType } from '../../crds/object.ts';

/** Returns the path of a collection, in one namespace or (for a namespaced kind without one) in all. */
export function collectionPath(type: ResourceType, namespace?: string): string {
  const root = type.group === '' ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
  const within = type.namespaced && namespace ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${root}${within}/${type.plural}`;
}

/**
 * Returns the path of one object.
 *
 * @throws when a name is missing: the path would be that of the collection, and deleting it would delete all objects
 */
export function objectPath(
  type: ResourceType,
  { namespace, name }: { namespace?: string | undefined; name: string },
  subresource?: string,
): string {
  if (!name || (type.namespaced && !namespace)) throw new Error(`${type.kind} without name or namespace`);
  const path = `${collectionPath(type, namespace)}/${encodeURIComponent(name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}
