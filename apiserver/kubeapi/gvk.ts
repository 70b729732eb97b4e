import { subresourceGroup, subresourceVersion } from '../../crds/subresources/group.ts';
import type { ApiResource, Operation, Subresource } from './api.ts';

/** Group and version of the subresources, as `apiVersion` holds it. */
export const groupVersion = `${subresourceGroup}/${subresourceVersion}`;

/** Group, version and kind of an object. */
export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** Returns a kind of this group, or of the given group and version. */
export function kindOf(
  kind: string,
  of: { readonly group: string; readonly version: string } = { group: subresourceGroup, version: subresourceVersion },
) {
  return { group: of.group, version: of.version, kind } satisfies GroupVersionKind;
}

/** Returns the kind of the answer of an operation. */
export function answerOf({ responseKind, responseGroup }: Operation): GroupVersionKind {
  return kindOf(responseKind, responseGroup);
}

/** Returns whether this server defines the kind; other kinds are defined elsewhere in the cluster. */
export function isOurs(kind: GroupVersionKind): boolean {
  return kind.group === subresourceGroup && kind.version === subresourceVersion;
}

/** Returns the RBAC verbs of a subresource, which discovery shows. */
export function verbsOf({ get, create }: Subresource): string[] {
  return [...(get === undefined ? [] : ['get']), ...(create === undefined ? [] : ['create'])];
}

/** Returns the path of an object, with placeholders. */
export function objectPath({ name, namespaced }: ApiResource): string {
  return `/apis/${subresourceGroup}/${subresourceVersion}/${namespaced ? 'namespaces/{namespace}/' : ''}${name}/{name}`;
}
