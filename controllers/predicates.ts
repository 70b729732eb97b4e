import { isDeepStrictEqual } from 'node:util';
import { isResolved, type AegisAlert } from '../crds/alert.ts';
import type { ObjectChange } from '../crds/object-cache.ts';
import type { AegisAlertOpsRule } from '../crds/ops-rule.ts';
import type { AegisOpsTemplate } from '../crds/ops-template.ts';
import type { KubeObject } from '../crds/object.ts';
import type { AegisRemediation } from '../crds/remediation.ts';
import type { AegisRemediationPolicy } from '../crds/remediation-policy.ts';
import type { Workflow } from '../crds/workflow.ts';
import type { Node } from '../kube/kinds/node.ts';

/**
 * Most changes of an object are our own writes to its status, and nothing follows from those. The functions below tell
 * which changes matter; each change that they leave out saves a run, a read and some Redis commands.
 */
type Matters<T extends KubeObject> = (change: ObjectChange<T>) => boolean;

function updates<T extends KubeObject>(differs: (object: T, previous: T) => boolean): Matters<T> {
  return (change) => change.type !== 'updated' || differs(change.object, change.previous);
}

/** Counters in the status of a rule must not make every waiting alert look again. */
export const specChanged: Matters<KubeObject> = updates(
  (object, previous) => object.metadata.generation !== previous.metadata.generation,
);

/** The data of the sender, the labels that rules select by, the end, and silences of users. */
export const alertChanged: Matters<AegisAlert> = updates(
  (object, previous) =>
    object.metadata.generation !== previous.metadata.generation ||
    object.metadata.deletionTimestamp !== previous.metadata.deletionTimestamp ||
    object.status?.silencedUntil !== previous.status?.silencedUntil ||
    !isDeepStrictEqual(object.metadata.labels, previous.metadata.labels),
);

/** The phase of the attempt, and decisions of users. */
export const attemptChanged: Matters<AegisRemediation> = updates(
  (object, previous) => !isDeepStrictEqual(toldBy(object), toldBy(previous)),
);

function toldBy({ status }: AegisRemediation): unknown[] {
  const { phase, message, approvals, cancellation } = status ?? {};
  return [phase, message, approvals, cancellation];
}

/** Budget use in the status of a policy must not make every attempt look again. */
export const policyChanged: Matters<AegisRemediationPolicy> = updates(
  (object, previous) =>
    object.metadata.generation !== previous.metadata.generation ||
    !isDeepStrictEqual(object.status?.pauses, previous.status?.pauses),
);

/** A kubelet reports every few seconds; whether the node is well changes seldom. */
export const nodeChanged: Matters<Node> = updates(
  (object, previous) =>
    readiness(object) !== readiness(previous) || object.spec?.unschedulable !== previous.spec?.unschedulable,
);

function readiness({ status }: Node): string | undefined {
  return status?.conditions?.find(({ type }) => type === 'Ready')?.status;
}

/** The use of budgets: an attempt may fit now, or a leftover reservation may have to be released. */
export const budgetChanged: Matters<AegisRemediationPolicy> = updates(
  (object, previous) =>
    !isDeepStrictEqual(object.status?.reservations, previous.status?.reservations) ||
    !isDeepStrictEqual(object.status?.budget, previous.status?.budget),
);

/** The existence of the Workflow, its phase in Argo, and its deletion. */
export const outcomeChanged: Matters<Workflow> = updates(
  (object, previous) =>
    object.status?.phase !== previous.status?.phase ||
    object.metadata.deletionTimestamp !== previous.metadata.deletionTimestamp,
);

/** Returns true when the Ready condition is about the spec as it is. */
export function isObserved({ metadata, status }: AegisAlertOpsRule | AegisOpsTemplate): boolean {
  return status?.conditions?.some(({ observedGeneration }) => observedGeneration === metadata.generation) === true;
}

/** Returns true for an alert that only a timer, a rule or a template changes; each of these enqueues it. */
export function isSettledAlert(alert: AegisAlert): boolean {
  const { opsStatus, status } = alert.status ?? {};
  const recorded = status === (isResolved(alert) ? 'Resolved' : 'Firing');
  return recorded && opsStatus?.triggerStatus !== undefined && (opsStatus.active ?? 0) === 0;
}
