import type { AttemptReason } from '../../crds/reasons.ts';
import { cutText } from '../../lib/text.ts';
import { conditionTypes, toTime, withCondition } from '../../crds/conditions.ts';
import {
  isTerminal,
  type AegisRemediation,
  type RemediationPhase,
  type RemediationStatus,
} from '../../crds/remediation.ts';
import type { Workflow } from '../../crds/workflow.ts';
import type { Condition } from '../../crds/schema.ts';

/** How many entries a timeline keeps, the newest; the API server bounds it. */
const maxTimeline = 64;
const maxNote = 1024;

/**
 * The fields of the status that the worker writes. The others have the decisions of users, which the API server writes.
 */
export const ownFields = [
  'phase',
  'reason',
  'message',
  'blockedUntil',
  'workflowRef',
  'startTime',
  'completionTime',
  'verification',
  'timeline',
  'conditions',
] as const satisfies readonly (keyof RemediationStatus)[];
export type OwnStatus = Pick<RemediationStatus, (typeof ownFields)[number]>;

/** The phase of an attempt, with its reason. */
export interface Standing {
  phase: RemediationPhase;
  reason: AttemptReason;
  message: string;
  blockedUntil?: Date;
  /** The text of a reminder; a part of the message. */
  reminder?: string;
  workflowRef?: NonNullable<RemediationStatus['workflowRef']>;
  /** When the Workflow was made, which may be a while before it is put on record. */
  startTime?: Date;
  verification?: NonNullable<RemediationStatus['verification']>;
}

/** The worker's part of the status for a standing; the same standing again gives the same status. */
export function statusOf(remediation: AegisRemediation, standing: Standing, now: Date): OwnStatus {
  const before = remediation.status ?? {};
  const workflowRef = standing.workflowRef ?? before.workflowRef;
  return withoutUndefined({
    phase: standing.phase,
    reason: standing.reason,
    message: cutText(standing.message, 4096),
    blockedUntil: standing.blockedUntil && toTime(standing.blockedUntil),
    workflowRef,
    startTime: before.startTime ?? (workflowRef && toTime(standing.startTime ?? now)),
    completionTime: isTerminal(standing.phase) ? (before.completionTime ?? toTime(now)) : undefined,
    verification: standing.verification ?? before.verification,
    timeline: timelineOf(before, standing, now),
    conditions: conditionsOf(before.conditions ?? [], standing, now),
  });
}

/** How a status points to a Workflow. */
export function workflowRefOf({ metadata }: Workflow): NonNullable<Standing['workflowRef']> {
  const uid = metadata.uid === undefined ? {} : { uid: metadata.uid };
  return { name: metadata.name, namespace: metadata.namespace ?? '', ...uid };
}

/** Fields that do not apply are absent, not null: server-side apply takes what is absent back. */
function withoutUndefined(fields: { [K in keyof OwnStatus]: OwnStatus[K] | undefined }): OwnStatus {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function timelineOf(
  { timeline = [] }: RemediationStatus,
  standing: Standing,
  now: Date,
): RemediationStatus['timeline'] {
  const last = timeline.at(-1);
  if (last?.phase === standing.phase && last.reason === standing.reason) return timeline;
  const entry = {
    time: toTime(now),
    phase: standing.phase,
    reason: standing.reason,
    message: cutText(standing.message, maxNote),
  };
  return [...timeline, entry].slice(-maxTimeline);
}

/**
 * Conditions appear when they say something that the phase does not: what holds the attempt back, and how it ended. Each
 * costs the API server a tenth of the write.
 */
function conditionsOf(before: readonly Condition[], standing: Standing, now: Date): Condition[] | undefined {
  const { phase, reason, message } = standing;
  const wasBlocked = before.some(({ type }) => type === conditionTypes.admitted);
  let conditions = [...before];
  if (phase === 'Blocked' || phase === 'AwaitingApproval') {
    conditions = withCondition(conditions, { type: conditionTypes.admitted, status: 'False', reason, message }, now);
  } else if (wasBlocked && standing.workflowRef !== undefined) {
    const passed = { status: 'True', reason: 'Passed', message: 'the gates let it pass' } as const;
    conditions = withCondition(conditions, { type: conditionTypes.admitted, ...passed }, now);
  }
  if (isTerminal(phase)) {
    conditions = withCondition(conditions, { type: conditionTypes.complete, status: 'True', reason, message }, now);
  }
  return conditions.length === 0 ? undefined : conditions;
}
