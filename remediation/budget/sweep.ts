import { conditionTypes, withCondition } from '../../crds/conditions.ts';
import type { RemediationPolicyStatus, Reservation } from '../../crds/remediation-policy-status.ts';
import type { AegisRemediationPolicy } from '../../crds/remediation-policy.ts';
import { isActing, isTerminal, type AegisRemediation } from '../../crds/remediation.ts';
import type { Condition } from '../../crds/schema.ts';
import { breakersOf } from '../policies/breakers.ts';
import { problemsOf } from '../policies/effective.ts';
import { pausesOf } from '../policies/pauses.ts';
import type { ClusterView } from '../cluster-view.ts';
import { ledger } from './reservation.ts';
import type { BudgetStatus, BudgetStore } from './store.ts';

/** The ports of the sweep. */
export interface SweepPorts {
  readonly cluster: ClusterView;
  readonly store: BudgetStore;
  /** From the API server itself. */
  readRemediation(namespace: string, name: string): Promise<AegisRemediation | undefined>;
  /** Whether a Workflow of an attempt of this name is there and has not ended; from the cache. */
  works(namespace: string, name: string): boolean;
  now(): Date;
}

/**
 * How old the reservation of an attempt without a Workflow must be before it counts as left behind by a worker that died
 * between the two; longer than any run may take. Milliseconds.
 */
const abandonedMs = 120_000;

/** Removes abandoned reservations from the policies, and writes the use of each budget and its conditions. */
export async function sweepBudgets(ports: SweepPorts): Promise<void> {
  const { cluster } = ports;
  const attempts = new Map(cluster.attempts().map((attempt) => [attempt.metadata.uid ?? '', attempt]));
  for (const policy of cluster.policies()) {
    const before = policy.status ?? {};
    const left = (before.reservations ?? []).filter((one) => !mayBeOver(ports, one, attempts.get(one.uid)));
    if (!differs(before, statusNow(policy, left, { cluster, now: ports.now() }))) continue;
    await sweep(ports, policy.metadata.name, attempts);
  }
}

async function sweep(ports: SweepPorts, name: string, attempts: ReadonlyMap<string, AegisRemediation>): Promise<void> {
  const { store, cluster } = ports;
  const policy = await store.read(name);
  if (policy === undefined) return;
  const left: Reservation[] = [];
  for (const reservation of policy.status?.reservations ?? []) {
    if (!(await isOver(ports, reservation, attempts.get(reservation.uid)))) left.push(reservation);
  }
  const next = statusNow(policy, left, { cluster, now: ports.now() });
  if (differs(policy.status ?? {}, next)) await store.write(policy, next);
}

/** Reads the attempt from the API server before its reservation is removed: a cache may be behind. */
async function isOver(
  ports: SweepPorts,
  reservation: Reservation,
  known: AegisRemediation | undefined,
): Promise<boolean> {
  if (!mayBeOver(ports, reservation, known)) return false;
  const { namespace, name } = nameOf(reservation);
  const found = await ports.readRemediation(namespace, name);
  return mayBeOver(ports, reservation, found?.metadata.uid === reservation.uid ? found : undefined);
}

function mayBeOver(ports: SweepPorts, reservation: Reservation, attempt: AegisRemediation | undefined): boolean {
  const { namespace, name } = nameOf(reservation);
  if (attempt !== undefined && isTerminal(attempt.status?.phase)) return true;
  if (attempt !== undefined && isActing(attempt.status?.phase)) return false;
  if (ports.works(namespace, name)) return false;
  return attempt === undefined || !(ports.now().getTime() - Date.parse(reservation.time) < abandonedMs);
}

/** Returns the status that the policy should have, with the remaining reservations. */
function statusNow(
  policy: AegisRemediationPolicy,
  reservations: Reservation[],
  moment: { cluster: ClusterView; now: Date },
): BudgetStatus {
  return {
    budget: undefined,
    ...ledger(policy, reservations, policy.status?.recentStarts ?? [], moment),
    paused: pausesOf(policy, moment.now).length > 0,
    observedGeneration: policy.metadata.generation,
    breakers: breakersOf(policy, moment),
    conditions: conditionsOf(policy, moment.now),
  };
}

/** Returns whether the policy can be evaluated; else it blocks the attempts that it may concern. */
function conditionsOf(policy: AegisRemediationPolicy, now: Date): Condition[] {
  const problems = problemsOf(policy);
  const verdict =
    problems.length === 0
      ? ({ status: 'True', reason: 'PolicyValid', message: 'the policy can be evaluated' } as const)
      : ({ status: 'False', reason: 'PolicyInvalid', message: problems.join('; ') } as const);
  const observedGeneration = policy.metadata.generation;
  const condition = { type: conditionTypes.ready, observedGeneration, ...verdict };
  return withCondition(policy.status?.conditions ?? [], condition, now);
}

/** Entries only ever go, so that their number tells. */
function differs(before: RemediationPolicyStatus, next: BudgetStatus): boolean {
  return summary(before) !== summary(next);
}

function summary(status: BudgetStatus): string {
  const { reservations = [], recentStarts = [], budget, paused, observedGeneration } = status;
  const use = budget && [budget.selected, budget.allowed, budget.unhealthy, budget.running, budget.startedInWindow];
  const breakers = (status.breakers ?? []).map((one) => [
    ...[one.rule, one.targetKind, one.state, one.failures, one.openUntil],
  ]);
  const conditions = (status.conditions ?? []).map((one) => [
    ...[one.type, one.status, one.reason, one.message, one.observedGeneration],
  ]);
  return JSON.stringify([
    ...[reservations.length, recentStarts.length, use, paused, observedGeneration, breakers, conditions],
  ]);
}

function nameOf({ remediation }: Reservation): { namespace: string; name: string } {
  const [namespace = '', name = ''] = remediation.split('/');
  return { namespace, name };
}
