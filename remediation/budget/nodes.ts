import { compileSelector } from '../../lib/label-selector.ts';
import type { AegisRemediationPolicy } from '../../crds/remediation-policy.ts';
import type { NodeFacts, ClusterView } from '../cluster-view.ts';

/**
 * The nodes that a policy is about: what a percentage is a percentage of, and what counts when it is unhealthy. None for a
 * policy about other kinds only; of those nobody keeps a list.
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

/** Not Ready, not known to be Ready, or kept free of work by anybody. */
export function isUnhealthy({ spec, status }: NodeFacts): boolean {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return ready?.status !== 'True' || spec?.unschedulable === true;
}
