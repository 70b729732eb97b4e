import { timeMs } from '../../lib/time.ts';
import type { AegisAlert } from '../../crds/alert.ts';
import { isTerminal, type AegisRemediation, type RemediationPhase } from '../../crds/remediation.ts';

/**
 * The time of each stage between the first sign of a problem and its end, in seconds; stages that did not happen are
 * absent.
 *
 * - `detect`: until the alert was stored
 * - `queue`: until the Workflow was created, without the wait for users; the wait for gates counts here
 * - `humanWait`: until users had decided
 * - `execute`: until the Workflow had ended
 * - `verify`: until it was known whether it helped
 */
export interface Stages {
  detect?: number;
  queue?: number;
  humanWait?: number;
  execute?: number;
  verify?: number;
}

interface Span {
  phase: RemediationPhase;
  from: number;
  to: number;
}

/** Splits the time of an attempt. An attempt of a user has no detection, and waits from its request on. */
export function stagesOf(remediation: AegisRemediation, alert: AegisAlert | undefined, now: Date): Stages {
  const { metadata, status = {} } = remediation;
  const end = timeMs(status.completionTime) ?? now.getTime();
  const arrived = isDetected(remediation) ? timeMs(alert?.metadata.creationTimestamp) : undefined;
  const asked = arrived ?? timeMs(metadata.creationTimestamp) ?? now.getTime();
  const started = timeMs(status.startTime);
  const spans = spansOf(remediation, end);
  const humanWait = total(spans, ['AwaitingApproval']);
  const verify = total(spans, ['Verifying']);
  return lasting({
    detect: between(timeMs(alert?.spec.startsAt), arrived),
    queue: between(asked, started ?? end, humanWait),
    humanWait,
    execute: between(started, end, verify),
    verify,
  });
}

/** The first attempt of a rule follows from the alert itself. */
function isDetected({ spec }: AegisRemediation): boolean {
  return spec.requestedBy.via === 'rule' && spec.attempt === 1;
}

/** Seconds from one time to another, without those that belong to another stage. */
function between(from: number | undefined, to: number | undefined, without = 0): number | undefined {
  return from === undefined || to === undefined ? undefined : (to - from) / 1_000 - without;
}

/** The phases of a timeline, each until the next. */
function spansOf({ status }: AegisRemediation, end: number): Span[] {
  const entries = (status?.timeline ?? []).map(({ phase, time }) => ({ phase, from: timeMs(time) ?? end }));
  return entries
    .map(({ phase, from }, index) => ({ phase, from, to: entries[index + 1]?.from ?? end }))
    .filter(({ phase }) => !isTerminal(phase));
}

function total(spans: readonly Span[], phases: readonly RemediationPhase[]): number | undefined {
  const of = spans.filter(({ phase }) => phases.includes(phase));
  return of.length === 0 ? undefined : of.reduce((sum, { from, to }) => sum + to - from, 0) / 1_000;
}

/** Clocks of several machines may disagree by a little: no stage took less than no time. */
function lasting(stages: { [K in keyof Stages]: number | undefined }): Stages {
  const known = Object.entries(stages).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known.map(([stage, value]) => [stage, Math.max(0, value as number)]));
}
