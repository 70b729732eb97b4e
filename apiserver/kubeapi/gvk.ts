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

/** A kind of this group unless another one is given. */
export function kindOf(
  kind: string,
  of: { readonly group: string; readonly version: string } = { group: subresourceGroup, version: subresourceVersion },
) {
  return { group: of.group, version: of.version, kind } satisfies GroupVersionKind;
}

/** Kind of what an operation answers. */
export function answerOf({ responseKind, responseGroup }: Operation): GroupVersionKind {
  return kindOf(responseKind, responseGroup);
}

/** Whether this server defines the kind; others are defined elsewhere in the cluster. */
export function isOurs(kind: GroupVersionKind): boolean {
  return kind.group === subresourceGroup && kind.version === subresourceVersion;
}

/** The RBAC verbs that a subresource takes, which are those that discovery names. */
export function verbsOf({ get, create }: Subresource): string[] {
  return [...(get === undefined ? [] : ['get']), ...(create === undefined ? [] : ['create'])];
}

/** Path of an object, with placeholders. */
export function objectPath({ name, namespaced }: ApiResource): string {
  return `/apis/${subresourceGroup}/${subresourceVersion}/${namespaced ? 'namespaces/{namespace}/' : ''}${name}/{name}`;
}
