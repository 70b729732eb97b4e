import { group, version, type ApiResource, type Operation, type Subresource } from './api.ts';

/** Which kind something is. */
export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** A kind of this group unless another one is given. */
export function kindOf(kind: string, of: { readonly group: string; readonly version: string } = { group, version }) {
  return { group: of.group, version: of.version, kind } satisfies GroupVersionKind;
}

/** Kind of what an operation answers. */
export function answerOf({ responseKind, responseGroup }: Operation): GroupVersionKind {
  return kindOf(responseKind, responseGroup);
}

/** Whether this server defines the kind; others are defined elsewhere in the cluster. */
export function isOurs(kind: GroupVersionKind): boolean {
  return kind.group === group && kind.version === version;
}

/** The RBAC verbs that a subresource takes, which are those that discovery names. */
export function verbsOf({ get, create }: Subresource): string[] {
  return [...(get === undefined ? [] : ['get']), ...(create === undefined ? [] : ['create'])];
}

/** Path of an object, with placeholders. */
export function objectPath({ name, namespaced }: ApiResource): string {
  return `/apis/${group}/${version}/${namespaced ? 'namespaces/{namespace}/' : ''}${name}/{name}`;
}
