import type { KubeObject, ResourceType } from '../crds/object.ts';
import type { RemediationTarget } from '../crds/remediation.ts';
import { workflows } from '../crds/workflow.ts';
import { resources } from './resources.ts';
import type { RestClient } from './rest.ts';

function type(group: string, kind: string, plural: string, namespaced = true): ResourceType {
  return { group, version: 'v1', kind, plural, namespaced };
}

/** Kinds of objects that alerts speak of. */
const knownKinds: readonly ResourceType[] = [
  type('', 'Node', 'nodes', false),
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

/**
 * Looks up which object an alert speaks of.
 *
 * @returns its uid, or empty when the cluster does not know it, or will not tell
 */
export function targetLookup(rest: RestClient): (target: RemediationTarget) => Promise<string> {
  return async ({ kind, name, namespace }) => {
    const known = knownKinds.find((one) => one.kind.toLowerCase() === kind?.toLowerCase());
    if (known === undefined || !isObjectName(name) || (known.namespaced && !isObjectName(namespace))) return '';
    try {
      const client = resources<KubeObject>(rest, known);
      const found = await client.find(known.namespaced ? { namespace, name } : { name }, { timeoutMs });
      return found?.metadata.uid ?? '';
    } catch {
      return '';
    }
  };
}

/** What an alert says may be anything; only what can be a name goes into a path. */
function isObjectName(text: string | undefined): text is string {
  return text !== undefined && text.length <= 253 && /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(text);
}
