import { isDeepStrictEqual } from 'node:util';
import type { AegisAlert } from '../crds/alert.ts';
import type { KubeObject } from '../crds/object.ts';
import type { AegisRemediation } from '../crds/remediation.ts';
import type { AegisRemediationPolicy } from '../crds/remediation-policy.ts';
import type { Workflow } from '../crds/workflow.ts';
import type { Node } from '../kube/kinds/node.ts';

/** A change of a cached object; `previous` is there for updates. */
export interface Change<T extends KubeObject> {
  type: 'added' | 'updated' | 'deleted';
  object: T;
  previous?: T;
}

/**
 * Most changes of an object are our own writes to its status, and nothing follows from those. The functions below tell
 * which changes somebody must react to; what they leave out is a run, a read and some Redis commands less for each alert.
 */
type Matters<T extends KubeObject> = (change: Change<T>) => boolean;

function updates<T extends KubeObject>(differs: (object: T, previous: T) => boolean): Matters<T> {
  return ({ type, object, previous }) => type !== 'updated' || previous === undefined || differs(object, previous);
}

/** Counters in the status of a rule must not make every waiting alert look again. */
export const specChanged: Matters<KubeObject> = updates(
  (object, previous) => object.metadata.generation !== previous.metadata.generation,
);

/** What the sender says, what rules select by, the end, and whether people want quiet. */
export const alertChanged: Matters<AegisAlert> = updates(
  (object, previous) =>
    object.metadata.generation !== previous.metadata.generation ||
    object.metadata.deletionTimestamp !== previous.metadata.deletionTimestamp ||
    object.status?.silencedUntil !== previous.status?.silencedUntil ||
    !isDeepStrictEqual(object.metadata.labels, previous.metadata.labels),
);

/** How far it is, and what people say. */
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

/** What budgets are used for: something may fit now, or is held that should not be. */
export const budgetChanged: Matters<AegisRemediationPolicy> = updates(
  (object, previous) =>
    !isDeepStrictEqual(object.status?.reservations, previous.status?.reservations) ||
    !isDeepStrictEqual(object.status?.budget, previous.status?.budget),
);

/** That it is there, what Argo makes of it, and that it is to be deleted. */
export const outcomeChanged: Matters<Workflow> = updates(
  (object, previous) =>
    object.status?.phase !== previous.status?.phase ||
    object.metadata.deletionTimestamp !== previous.metadata.deletionTimestamp,
);
