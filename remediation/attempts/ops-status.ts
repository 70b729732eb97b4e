import { toTime } from '../../crds/conditions.ts';
import type { AlertOpsState, AlertOpsStatus, AlertStatus, TriggerStatus } from '../../crds/alert.ts';
import { isTerminal, type AegisRemediation, type RemediationPhase } from '../../crds/remediation.ts';
import { isUserDryRun } from './history.ts';

/** The newest attempts that an alert's status names; the API server bounds the list. */
const maxListed = 32;

type Listed = NonNullable<AlertStatus['remediations']>[number];

/** Returns the phase of an attempt; one without a status is Pending. */
export function phaseOf(remediation: AegisRemediation): RemediationPhase {
  return remediation.status?.phase ?? 'Pending';
}

/** Returns `status.remediations`: the attempts that exist, and the deleted ones that were listed before. */
export function listRemediations(
  remediations: readonly AegisRemediation[],
  before: readonly Listed[] | undefined,
): Listed[] {
  const present = new Set(remediations.map(({ metadata }) => metadata.name));
  const deleted = (before ?? [])
    .filter(({ name }) => !present.has(name))
    .map((entry): Listed => (isTerminal(entry.phase as RemediationPhase) ? entry : { ...entry, phase: 'Cancelled' }));
  const listed = remediations.map((remediation): Listed => {
    const { ruleRef } = remediation.spec;
    const rule = ruleRef === undefined ? '' : `${ruleRef.namespace}/${ruleRef.name}`;
    // A dry run of a user is none of the alert's attempts, also if it is deleted before its first reconcile.
    const phase = isUserDryRun(remediation) ? 'DryRun' : shown(phaseOf(remediation));
    return { name: remediation.metadata.name, rule, phase };
  });
  return [...deleted, ...listed].slice(-maxListed);
}

/** An alert lists an attempt as Pending until its Workflow runs; more detail would cost a write for each alert. */
function shown(phase: RemediationPhase): RemediationPhase {
  return phase === 'Submitted' ? 'Pending' : phase;
}

/** Sums up the attempts of an alert, oldest first, in the original's fields. */
export function opsStatusOf(
  triggerStatus: TriggerStatus,
  remediations: readonly AegisRemediation[],
  { before, now }: { before: AlertOpsStatus | undefined; now: Date },
): AlertOpsStatus {
  const phases = remediations.map(phaseOf);
  const active = phases.filter((phase) => !isTerminal(phase));
  const times = (read: (one: AegisRemediation) => string | undefined): string[] =>
    remediations.map(read).filter((time) => time !== undefined);
  const startTime = before?.startTime ?? (remediations.length === 0 ? undefined : toTime(now));
  const completionTime = times(({ status }) => status?.completionTime)
    .sort()
    .at(-1);
  // A later dry run does not change the state of the alert.
  const state = stateOf(active, phases.filter((phase) => phase !== 'DryRun').at(-1));
  return {
    triggerStatus,
    ...(state === undefined ? {} : { alertOpsStatus: state }),
    ...(startTime === undefined ? {} : { startTime }),
    ...(completionTime === undefined || active.length > 0 ? {} : { completionTime }),
    total: phases.length,
    active: active.length,
    succeeded: phases.filter((phase) => phase === 'Succeeded').length,
    failed: phases.filter((phase) => outcomeOf(phase) === 'Failed').length,
  };
}

function stateOf(active: readonly RemediationPhase[], last: RemediationPhase | undefined): AlertOpsState | undefined {
  if (active.length > 0)
    return active.some((phase) => phase === 'Running' || phase === 'Verifying') ? 'Running' : 'Pending';
  return last === undefined ? undefined : outcomeOf(last);
}

/** How a finished attempt counts; one that never acted is neither a success nor a failure. */
function outcomeOf(phase: RemediationPhase): AlertOpsState | undefined {
  switch (phase) {
    case 'Succeeded':
      return 'Succeeded';
    case 'Failed':
    case 'Inconclusive':
    case 'Ineffective':
    case 'Expired':
    case 'Rejected':
      return 'Failed';
    case 'Pending':
    case 'Blocked':
    case 'AwaitingApproval':
    case 'Approved':
    case 'Submitted':
    case 'Running':
    case 'Verifying':
    case 'Cancelled':
    case 'Superseded':
    case 'DryRun':
      return undefined;
  }
}
