import { toTime } from '../../crds/conditions.ts';
import type { AegisAlert } from '../../crds/alert.ts';
import type { AegisRemediation } from '../../crds/remediation.ts';
import type { GateView } from '../../crds/subresources/attempt-view.ts';
import { askEachGate } from '../gates/index.ts';
import { withPolicy } from '../gate.ts';
import { cachedTarget, type ClusterView } from '../cluster-view.ts';

/** The inputs of the answers of the gates. */
export interface GateViewFacts {
  alert: AegisAlert;
  /** All attempts for the alert. */
  attempts: readonly AegisRemediation[];
  cluster: ClusterView;
  now: Date;
}

/** Returns the answers of all gates now; an attempt that does not exist yet is decided as if it were created now. */
export function gateViews(remediation: AegisRemediation, { alert, attempts, cluster, now }: GateViewFacts): GateView[] {
  const { creationTimestamp = toTime(now), ...metadata } = remediation.metadata;
  const siblings = attempts.filter(({ metadata: { uid, name } }) => uid !== metadata.uid && name !== metadata.name);
  const facts = withPolicy({
    remediation: { ...remediation, metadata: { ...metadata, creationTimestamp } },
    alert,
    siblings,
    cluster,
    target: cachedTarget(cluster, remediation.spec.target),
    now,
  });
  return askEachGate(facts).map(({ gate, answer }) => {
    if (answer === undefined) return { gate, passes: true };
    const { reason, message, until } = answer;
    return { gate, passes: false, reason, message, ...(until && { until: toTime(until) }) };
  });
}
