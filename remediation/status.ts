import { conditionTypes, toTime, withCondition } from '../crds/conditions.ts';
import {
  isTerminal,
  type AegisRemediation,
  type RemediationPhase,
  type RemediationStatus,
} from '../crds/remediation.ts';
import type { Condition } from '../crds/schema.ts';

/** The newest entries that a timeline keeps; the API server bounds it. */
const maxTimeline = 64;
const maxNote = 1024;

/** Where an attempt stands and why. */
export interface Standing {
  phase: RemediationPhase;
  /** CamelCase. */
  reason: string;
  message: string;
  blockedUntil?: Date;
  workflowRef?: NonNullable<RemediationStatus['workflowRef']>;
}

/** The whole status for a standing; the same standing again gives the same status. */
export function statusOf(remediation: AegisRemediation, standing: Standing, now: Date): RemediationStatus {
  const before = remediation.status ?? {};
  const workflowRef = standing.workflowRef ?? before.workflowRef;
  return withoutUndefined({
    phase: standing.phase,
    reason: standing.reason,
    message: cut(standing.message, 4096),
    blockedUntil: standing.blockedUntil && toTime(standing.blockedUntil),
    approvals: before.approvals,
    workflowRef,
    startTime: before.startTime ?? (workflowRef && toTime(now)),
    completionTime: isTerminal(standing.phase) ? (before.completionTime ?? toTime(now)) : undefined,
    timeline: timelineOf(before, standing, now),
    conditions: conditionsOf(before.conditions ?? [], standing, now),
  });
}

/** Fields that do not apply are absent, not null: server-side apply takes what is absent back. */
function withoutUndefined(fields: {
  [K in keyof RemediationStatus]: RemediationStatus[K] | undefined;
}): RemediationStatus {
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
    message: cut(standing.message, maxNote),
  };
  return [...timeline, entry].slice(-maxTimeline);
}

function conditionsOf(before: readonly Condition[], standing: Standing, now: Date): Condition[] {
  const { phase, reason, message } = standing;
  const submitted =
    standing.workflowRef !== undefined ||
    before.some(({ type, status }) => type === conditionTypes.submitted && status === 'True');
  const blocked = phase === 'Blocked';
  const known = [
    { type: conditionTypes.admitted, holds: submitted, unknown: !submitted && !blocked },
    { type: conditionTypes.submitted, holds: submitted, unknown: false },
    { type: conditionTypes.complete, holds: isTerminal(phase), unknown: false },
  ];
  return known.reduce<Condition[]>(
    (conditions, { type, holds, unknown }) => {
      const status = unknown ? 'Unknown' : holds ? 'True' : 'False';
      // A condition that has come true keeps the words of that moment.
      if (holds && conditions.some((one) => one.type === type && one.status === 'True')) return conditions;
      return withCondition(conditions, { type, status, reason, message }, now);
    },
    [...before],
  );
}

function cut(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max - 1)}…` : text;
}
