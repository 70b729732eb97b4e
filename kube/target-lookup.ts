import type { KubeObject, ResourceType } from '../crds/object.ts';
import type { RemediationTarget } from '../crds/remediation.ts';
import { workflows } from '../crds/workflow.ts';
import { nodes } from './node.ts';
import { resources } from './resources.ts';
import { ApiError } from './api-error.ts';
import type { RestClient } from './rest.ts';

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

/** A look-up that takes longer than this is not worth waiting for: the uid only tells one object of a name from the next. */
const timeoutMs = 2_000;

/** What is known of nodes without asking; a cache has it. */
interface KnownNodes {
  get(namespace: undefined, name: string): KubeObject | undefined;
}

interface Found extends KubeObject {
  spec?: { nodeName?: string };
}

/** What the cluster says of an object; `unknown`: nothing, it is of a kind that is not looked at, or it will not tell. */
export type TargetSearch = { outcome: 'found'; uid: string; node?: string } | { outcome: 'gone' | 'unknown' };

/**
 * Looks for an object; of a pod also for where it runs. Throws what may pass.
 *
 * @param knownNodes most targets are nodes: with a cache of them, none is asked for
 */
export function targetSearch(
  rest: RestClient,
  knownNodes?: KnownNodes,
): (target: RemediationTarget) => Promise<TargetSearch> {
  return async ({ kind, name, namespace }) => {
    const known = knownKinds.find((one) => one.kind.toLowerCase() === kind?.toLowerCase());
    if (known === undefined || !isObjectName(name) || (known.namespaced && !isObjectName(namespace))) return unknown;
    if (known === nodes && knownNodes !== undefined) return describe(known, knownNodes.get(undefined, name));
    try {
      const key = known.namespaced ? { namespace, name } : { name };
      return describe(known, await resources(rest, known).find(key, { timeoutMs }));
    } catch (error) {
      if (error instanceof ApiError && error.retry.kind === 'terminal') return unknown;
      throw error;
    }
  };
}

const unknown: TargetSearch = { outcome: 'unknown' };

/** Of other kinds than pods `nodeName` means something else, or nothing. */
function describe({ kind }: ResourceType, found: Found | undefined): TargetSearch {
  if (found?.metadata.uid === undefined) return { outcome: 'gone' };
  const node = kind === 'Pod' ? found.spec?.nodeName : undefined;
  return { outcome: 'found', uid: found.metadata.uid, ...(node && { node }) };
}

/** Which object it is, and of a pod also where it runs. */
export interface FoundTarget {
  /** Empty when the cluster does not know the object, or will not tell. */
  uid: string;
  node?: string;
}

/** Looks up which object an alert speaks of; what cannot be found out soon is left open. */
export function targetLookup(
  rest: RestClient,
  knownNodes?: KnownNodes,
): (target: RemediationTarget) => Promise<FoundTarget> {
  const search = targetSearch(rest, knownNodes);
  return async (target) => {
    const found = await search(target).catch(() => unknown);
    if (found.outcome !== 'found') return { uid: '' };
    return { uid: found.uid, ...(found.node && { node: found.node }) };
  };
}

/** What an alert says may be anything; only what can be a name goes into a path. */
function isObjectName(text: string | undefined): text is string {
  return text !== undefined && text.length <= 253 && /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(text);
}
