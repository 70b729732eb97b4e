import { compileSelector } from '../../lib/label-selector.ts';
import type { AegisRemediationPolicy } from '../../crds/remediation-policy.ts';
import type { NodeFacts, ClusterView } from '../cluster-view.ts';

/**
 * Returns the nodes that a policy selects: the base of a percentage, and the nodes that count when they are unhealthy.
 * None for a policy about other kinds only, which no cache has.
 *
 * @returns undefined when its selector cannot be read
 */
export function selectedNodes({ spec }: AegisRemediationPolicy, cluster: ClusterView): NodeFacts[] | undefined {
  const { targetKinds = [], targetSelector } = spec.selector ?? {};
  const selector = compileSelector(targetSelector);
  if (!selector.ok) return undefined;
  if (targetKinds.length > 0 && !targetKinds.some((kind) => kind.toLowerCase() === 'node')) return [];
  return cluster.nodes().filter(({ metadata }) => selector.matches(metadata.labels ?? {}));
}

/** Returns whether a node is not Ready, not known to be Ready, or cordoned. */
export function isUnhealthy({ spec, status }: NodeFacts): boolean {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return ready?.status !== 'True' || spec?.unschedulable === true;
}
