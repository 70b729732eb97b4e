import type { AegisAlert } from '../../crds/alert.ts';
import type { AegisRemediation } from '../../crds/remediation.ts';
import type { TimelineView } from '../../crds/subresources/attempt-view.ts';
import type { OutlinedWorkflow } from './outline-text.ts';

/** The number of entries that are shown, the newest. */
const maxShown = 200;

/** An attempt and its Workflow, if there is one. */
export interface Attempt {
  remediation: AegisRemediation;
  workflow: OutlinedWorkflow | undefined;
}

/**
 * The events of an alert and its attempts, oldest first; events of the same time stay in the order of cause and effect.
 */
export function timelineOf(alert: AegisAlert | undefined, attempts: readonly Attempt[]): TimelineView[] {
  const entries = [...(alert === undefined ? [] : ofAlert(alert)), ...attempts.flatMap(ofAttempt)];
  return entries
    .map((entry) => ({ entry, at: Date.parse(entry.time) }))
    .filter(({ at }) => !Number.isNaN(at))
    .sort((a, b) => a.at - b.at)
    .map(({ entry }) => entry)
    .slice(-maxShown);
}

function ofAlert({ metadata: { name, creationTimestamp }, spec, status = { count: 1 } }: AegisAlert): TimelineView[] {
  const entry = (time: string | undefined, rest: Omit<TimelineView, 'time' | 'kind' | 'name'>): TimelineView[] =>
    time === undefined ? [] : [{ time, kind: 'AegisAlert', name, ...rest }];
  return [
    ...entry(spec.startsAt, { event: 'Began', message: 'according to the clock of the sender' }),
    ...entry(creationTimestamp, { event: 'Received' }),
    ...entry(spec.endsAt, { event: 'Ended', message: 'according to the clock of the sender' }),
    ...(status.conditions ?? []).flatMap(({ lastTransitionTime, type, status: holds, reason, message }) =>
      entry(lastTransitionTime, { event: holds === 'True' ? type : `Not${type}`, ...said(reason, message) }),
    ),
  ];
}

function ofAttempt({ remediation: { metadata, spec, status = {} }, workflow }: Attempt): TimelineView[] {
  const { name, creationTimestamp } = metadata;
  const about = { kind: 'AegisRemediation', name } as const;
  const decided = `attempt ${spec.attempt} was planned for ${spec.requestedBy.username}`;
  return [
    ...(creationTimestamp === undefined
      ? []
      : [{ time: creationTimestamp, ...about, event: 'Created', message: decided }]),
    ...(status.timeline ?? []).map(({ time, phase, reason, message }) => ({
      time,
      ...about,
      event: phase,
      ...said(reason, message),
    })),
    ...(status.approvals ?? []).map(({ time, decision, user, via, comment }) => ({
      time,
      ...about,
      event: decision,
      message: `by ${user} through ${via}${comment === undefined ? '' : `: ${comment}`}`,
    })),
    ...(workflow === undefined ? [] : ofWorkflow(workflow)),
  ];
}

function ofWorkflow({ metadata: { name, creationTimestamp }, status = {} }: OutlinedWorkflow): TimelineView[] {
  const { phase = '', message, startedAt, finishedAt } = status;
  const entry = (time: string | undefined, event: string, words?: string): TimelineView[] =>
    time === undefined || time === '' ? [] : [{ time, kind: 'Workflow', name, event, ...said(undefined, words) }];
  return [
    ...entry(creationTimestamp, 'Created'),
    ...entry(startedAt, 'Started'),
    ...entry(finishedAt, phase === '' ? 'Finished' : phase, message),
  ];
}

function said(reason: string | undefined, message: string | undefined): Pick<TimelineView, 'reason' | 'message'> {
  return { ...(reason && { reason }), ...(message && { message }) };
}
