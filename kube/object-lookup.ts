import type { KubeObject, ResourceType } from '../crds/object.ts';
import { workflows } from '../crds/workflow.ts';
import { nodes } from './kinds/node.ts';
import { resources, type ObjectKey } from './client/resources.ts';
import { ApiError } from './client/api-error.ts';
import type { RestClient } from './client/rest.ts';

function type(group: string, kind: string, plural: string, namespaced = true): ResourceType {
  return { group, version: 'v1', kind, plural, namespaced };
}

/** Kinds of objects that alerts speak of. */
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

/** What marks a node of the control plane; the second in clusters from before Kubernetes 1.24. */
const roleLabels = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'];

/** A look-up that takes longer than this is not worth waiting for: the uid only tells one object of a name from the next. */
const timeoutMs = 2_000;

/** What is known of nodes without asking; a cache has it. */
interface KnownNodes {
  get(namespace: undefined, name: string): KubeObject | undefined;
}

/** What an alert says of the object that it is about; each part may be anything. */
interface ObjectName {
  readonly kind?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

interface Found extends KubeObject {
  spec?: { nodeName?: string };
}

/** What the cluster says of an object; `unknown`: nothing, it is of a kind that is not looked at, or it will not tell. */
export type ObjectSearch = { outcome: 'found'; found: FoundObject } | { outcome: 'gone' | 'unknown' };

/** Which object it is, and where: of a pod on which node, and whether that is one of the control plane. */
export interface FoundObject {
  /** Empty when the cluster does not know the object, or will not tell. */
  uid: string;
  node?: string;
  controlPlane?: true;
}

/**
 * Looks for an object; of a pod also for where it runs. Throws what may pass.
 *
 * @param knownNodes most targets are nodes: with a cache of them, none is asked for
 */
export function objectSearch(rest: RestClient, knownNodes?: KnownNodes): (target: ObjectName) => Promise<ObjectSearch> {
  async function find(type: ResourceType, key: ObjectKey): Promise<Found | undefined> {
    if (type === nodes && knownNodes !== undefined) return knownNodes.get(undefined, key.name);
    return resources<Found>(rest, type).find(key, { timeoutMs });
  }

  /** Of other kinds than pods `nodeName` means something else, or nothing. */
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

/** Looks up which object an alert speaks of; what cannot be found out soon is left open. */
export function objectLookup(rest: RestClient, knownNodes?: KnownNodes): (target: ObjectName) => Promise<FoundObject> {
  const search = objectSearch(rest, knownNodes);
  return async (target) => {
    const result = await search(target).catch(() => unknown);
    return result.outcome === 'found' ? result.found : { uid: '' };
  };
}

/** What an alert says may be anything; only what can be a name goes into a path. */
function isObjectName(text: string | undefined): text is string {
  return text !== undefined && text.length <= 253 && /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(text);
}
