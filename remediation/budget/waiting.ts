import type { AegisRemediationPolicy } from '../../crds/remediation-policy.ts';
import { isTerminal, type AegisRemediation } from '../../crds/remediation.ts';
import { waitsFor } from './answer.ts';
import { holds } from './reservation.ts';
import { hasBudget, type BudgetedPolicy } from './subject.ts';

/** The most attempts that one change of a budget enqueues; the others are enqueued by changes of these, or by time. */
const maxWoken = 64;
/**
 * The number that is enqueued where the status does not have the free number: a node that is broken anyway needs no
 * room.
 */
const someWoken = 8;

/**
 * The attempts that a change of a budget concerns: those that wait for it, the oldest first and as many as may fit, and
 * those that are over and hold a part of it still.
 */
export function concernedBy(policy: AegisRemediationPolicy, attempts: readonly AegisRemediation[]): AegisRemediation[] {
  const holding = new Set(policy.status?.reservations?.map(({ uid }) => uid));
  const over = attempts.filter(({ metadata, status }) => isTerminal(status?.phase) && holding.has(metadata.uid ?? ''));
  return hasBudget(policy) ? [...over, ...waitingFor(policy, attempts)] : over;
}

/**
 * The attempts that the end of another concerns. Usually it holds its part of a budget still, and those that wait for it
 * are woken when that is free; but caches may learn of the two in any order.
 */
export function concernedByEnd(
  ended: AegisRemediation,
  policies: readonly AegisRemediationPolicy[],
  attempts: () => readonly AegisRemediation[],
): AegisRemediation[] {
  return policies
    .filter(hasBudget)
    .filter((policy) => !holds(policy, ended))
    .flatMap((policy) => waitingFor(policy, attempts()));
}

function waitingFor(policy: BudgetedPolicy, attempts: readonly AegisRemediation[]): AegisRemediation[] {
  const room = roomIn(policy);
  if (room <= 0) return [];
  return attempts
    .filter((attempt) => attempt.status?.phase === undefined || waitsFor(policy, attempt))
    .sort((a, b) => (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? ''))
    .slice(0, Math.min(room, maxWoken));
}

function roomIn({ spec: { budget }, status }: BudgetedPolicy): number {
  const { maxParallel, maxPerWindow } = budget;
  const { reservations = [], recentStarts = [] } = status ?? {};
  const rooms = [
    ...(maxParallel === undefined ? [] : [maxParallel - reservations.length]),
    ...(maxPerWindow === undefined ? [] : [maxPerWindow.count - recentStarts.length]),
  ];
  return rooms.length === 0 ? someWoken : Math.min(...rooms);
}
