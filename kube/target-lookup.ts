import type { KubeObject, ResourceType } from '../crds/object.ts';
import type { RemediationTarget } from '../crds/remediation.ts';
import { workflows } from '../crds/workflow.ts';
import { nodes } from './node.ts';
import { resources, type ObjectKey } from './resources.ts';
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

/**
 * Looks up which object an alert speaks of.
 *
 * @param knownNodes most alerts speak of nodes: with a cache of them, none is asked for
 * @returns its uid, or empty when the cluster does not know it, or will not tell
 */
export function targetLookup(
  rest: RestClient,
  knownNodes?: KnownNodes,
): (target: RemediationTarget) => Promise<string> {
  async function ask(type: ResourceType, key: ObjectKey): Promise<string> {
    try {
      const found = await resources(rest, type).find(key, { timeoutMs });
      return found?.metadata.uid ?? '';
    } catch {
      return '';
    }
  }

  return async ({ kind, name, namespace }) => {
    const known = knownKinds.find((one) => one.kind.toLowerCase() === kind?.toLowerCase());
    if (known === undefined || !isObjectName(name) || (known.namespaced && !isObjectName(namespace))) return '';
    if (known === nodes && knownNodes !== undefined) return knownNodes.get(undefined, name)?.metadata.uid ?? '';
    return ask(known, known.namespaced ? { namespace, name } : { name });
  };
}

/** What an alert says may be anything; only what can be a name goes into a path. */
function isObjectName(text: string | undefined): text is string {
  return text !== undefined && text.length <= 253 && /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(text);
}
