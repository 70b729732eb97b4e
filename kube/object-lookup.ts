import type { KubeObject, ResourceType } from '../crds/object.ts';
import { workflows } from '../crds/workflow.ts';
import { nodes } from './kinds/node.ts';
import { resources, type ObjectKey } from './client/resources.ts';
import { ApiError } from './client/api-error.ts';
import type { RestClient } from './client/rest.ts';

function type(group: string, kind: string, plural: string, namespaced = true): ResourceType {
  return { group, version: 'v1', kind, plural, namespaced };
}

/** Kinds of objects that alerts concern. */
const knownKinds: readonly ResourceType[] = [
  nodes,
  type('', 'Namespace', 'namespaces', false),
  type('', 'Pod', 'pods'),
  type('', 'PersistentVolumeClaim', 'persistentvolumeclaims'),
  type('apps', 'Deployment', 'deployments'),
  type('apps', 'StatefulSet', 'statefulsets'),
  type('apps', 'DaemonSet', 'daemonsets'),
  type('batch', 'Job', 'jobs'),
  type('batch', 'CronJob', 'cronjobs'),
  workflows,
];

/** Labels of control plane nodes; the second in clusters from before Kubernetes 1.24. */
const roleLabels = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'];

/** Limit of a lookup: a missing uid only means that a later object of the same name counts as the same. */
const timeoutMs = 2_000;

/** A cache of nodes. */
interface KnownNodes {
  get(namespace: undefined, name: string): KubeObject | undefined;
}

/** The object of an alert as the sender names it; each part may be any text. */
interface ObjectName {
  readonly kind?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

interface Found extends KubeObject {
  spec?: { nodeName?: string };
}

/** The result of a search; `unknown`: the kind is not supported, or the API server refuses access. */
export type ObjectSearch = { outcome: 'found'; found: FoundObject } | { outcome: 'gone' | 'unknown' };

/** Identity and location of an object: the node of a pod, and whether it is a control plane node. */
export interface FoundObject {
  /** Empty if the object does not exist or access is refused. */
  uid: string;
  node?: string;
  controlPlane?: true;
}

/**
 * Returns a function that searches an object, and for a pod its node. It throws temporary errors.
 *
 * @param knownNodes most targets are nodes; with a cache of them, none is requested
 */
export function objectSearch(rest: RestClient, knownNodes?: KnownNodes): (target: ObjectName) => Promise<ObjectSearch> {
  async function find(type: ResourceType, key: ObjectKey): Promise<Found | undefined> {
    if (type === nodes && knownNodes !== undefined) return knownNodes.get(undefined, key.name);
    return resources<Found>(rest, type).find(key, { timeoutMs });
  }

  /** `nodeName` is read of pods only; other kinds use the field differently, or not at all. */
  async function describe({ kind }: ResourceType, found: Found | undefined): Promise<ObjectSearch> {
    const uid = found?.metadata.uid;
    if (found === undefined || uid === undefined) return { outcome: 'gone' };
    const node = kind === 'Pod' ? found.spec?.nodeName : undefined;
    const host = kind === 'Node' ? found : node === undefined ? undefined : await find(nodes, { name: node });
    const controlPlane = roleLabels.some((label) => host?.metadata.labels?.[label] !== undefined);
    return { outcome: 'found', found: { uid, ...(node && { node }), ...(controlPlane && { controlPlane }) } };
  }

  return async ({ kind, name, namespace }) => {
    const type = knownKinds.find((one) => one.kind.toLowerCase() === kind?.toLowerCase());
    if (type === undefined || !isObjectName(name) || (type.namespaced && !isObjectName(namespace))) return unknown;
    try {
      return await describe(type, await find(type, { ...(type.namespaced && { namespace }), name }));
    } catch (error) {
      if (error instanceof ApiError && error.retry.kind === 'terminal') return unknown;
      throw error;
    }
  };
}

const unknown: ObjectSearch = { outcome: 'unknown' };

/** Returns a function that looks up the object of an alert; the uid stays empty if the lookup fails or takes too long. */
export function objectLookup(rest: RestClient, knownNodes?: KnownNodes): (target: ObjectName) => Promise<FoundObject> {
  const search = objectSearch(rest, knownNodes);
  return async (target) => {
    const result = await search(target).catch(() => unknown);
    return result.outcome === 'found' ? result.found : { uid: '' };
  };
}

/** An alert may name any text; only valid names are used in a path. */
function isObjectName(text: string | undefined): text is string {
  return text !== undefined && text.length <= 253 && /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(text);
}
