import type { AegisRemediation } from '../../crds/remediation.ts';
import type { AegisRemediationPolicy } from '../../crds/remediation-policy.ts';
import type { ClusterView } from '../cluster-view.ts';
import type { GateAnswer } from '../gate.ts';
import type { Acquirable, AcquireFacts, Use } from '../locks/acquire.ts';
import { refusedBy, unavailable } from './answer.ts';
import { refusalOf } from './refusal.ts';
import { holds, withoutReservation, withReservation } from './reservation.ts';
import type { BudgetStatus, BudgetStore } from './store.ts';
import { budgetsFor, countsFor, hasBudget } from './subject.ts';

/** The ports of the reservation of budgets. */
export interface BudgetPorts {
  readonly cluster: ClusterView;
  readonly store: BudgetStore;
  /** Of the process: it outlives the ports of one run. */
  readonly reserved: ReservedBudgets;
  /** Runs the works of one policy one after the other: within a process, writes of one policy never conflict. */
  serially(policy: string, work: () => Promise<void>): Promise<void>;
  /** Milliseconds. */
  sleep(ms: number): Promise<void>;
  /** In [0, 1). */
  random(): number;
  now(): Date;
}

/** How often a write may conflict with those of other processes before the queue repeats the whole run. */
const maxTries = 8;
/** Milliseconds between two tries, at most; half of it at least. */
const pauseMs = 40;
/** How long a reservation of this process is remembered, until every cache shows it; milliseconds. */
const rememberedMs = 60_000;

/** Too many writes of a policy conflicted; carries the retry decision for the queue. */
export class BudgetContendedError extends Error {
  override readonly name = 'BudgetContendedError';
  readonly retry = { kind: 'conflict' } as const;
}

/** The budgets that this process has reserved a moment ago and that no cache may show yet; by the uid of the attempt. */
export class ReservedBudgets {
  readonly #entries = new Map<string, { at: number; policies: Set<string> }>();

  add({ metadata: { uid = '' } }: AegisRemediation, policy: string, now: Date): void {
    const at = now.getTime();
    for (const [other, one] of this.#entries) if (at - one.at > rememberedMs) this.#entries.delete(other);
    const { policies } = this.#entries.get(uid) ?? { policies: new Set<string>() };
    this.#entries.set(uid, { at, policies: policies.add(policy) });
  }

  /** Returns the names of the policies. */
  of({ metadata: { uid = '' } }: AegisRemediation): Iterable<string> {
    return this.#entries.get(uid)?.policies ?? [];
  }

  delete({ metadata: { uid = '' } }: AegisRemediation): void {
    this.#entries.delete(uid);
  }
}

/** A part of the budget of each policy that applies to an attempt, reserved in the status of the policy. */
export function budgetOf(ports: BudgetPorts): Acquirable {
  return {
    name: 'budget',
    acquire: (facts) => acquire(ports, facts),
    release: (remediation, use) => release(ports, remediation, use),
  };
}

async function acquire(ports: BudgetPorts, facts: AcquireFacts): Promise<GateAnswer> {
  const { remediation, alert } = facts;
  const names = budgetsFor(remediation, { cluster: ports.cluster, alert }).map(({ metadata }) => metadata.name);
  for (const [index, name] of names.entries()) {
    // Before the outcome is known: a write whose answer is lost may have been done.
    ports.reserved.add(remediation, name, ports.now());
    const answer = await reserve(ports, name, facts);
    if (answer === undefined) continue;
    for (const other of names.slice(0, index)) await free(ports, other, remediation, 'unused');
    ports.reserved.delete(remediation);
    return answer;
  }
  return undefined;
}

async function release(ports: BudgetPorts, remediation: AegisRemediation, use: Use): Promise<void> {
  const shownByCache = ports.cluster.policies().filter((policy) => holds(policy, remediation));
  const names = new Set([...shownByCache.map(({ metadata }) => metadata.name), ...ports.reserved.of(remediation)]);
  for (const name of names) await free(ports, name, remediation, use);
  ports.reserved.delete(remediation);
}

async function reserve(ports: BudgetPorts, name: string, { remediation, alert }: AcquireFacts): Promise<GateAnswer> {
  const { cluster } = ports;
  let answer: GateAnswer;
  await ports.serially(name, async () => {
    answer = await change(ports, name, (policy) => {
      if (!hasBudget(policy) || !countsFor(policy, remediation, { cluster, alert })) return { answer: undefined };
      const moment = { cluster, now: ports.now() };
      const refusal = refusalOf(policy, remediation, moment);
      if (refusal !== undefined) return { answer: refusedBy(policy, refusal) };
      return { status: withReservation(policy, remediation, moment) };
    });
  });
  return answer;
}

async function free(ports: BudgetPorts, name: string, remediation: AegisRemediation, use: Use): Promise<void> {
  await ports.serially(name, async () => {
    const answer = await change(ports, name, (policy) => {
      const status = withoutReservation(policy, remediation, use, { cluster: ports.cluster, now: ports.now() });
      return status === undefined ? { answer: undefined } : { status };
    });
    if (answer !== undefined) throw new Error(answer.message);
  });
}

/**
 * Changes the status of a policy by one write that fails if the policy is no longer as it was read; then it decides
 * again.
 *
 * @returns the answer that was decided, or why nothing can be decided
 */
async function change(
  ports: BudgetPorts,
  name: string,
  decide: (policy: AegisRemediationPolicy) => { status: BudgetStatus } | { answer: GateAnswer },
): Promise<GateAnswer> {
  const { store } = ports;
  for (let tries = 0; tries < maxTries; tries += 1) {
    const read = await readPolicy(store, name);
    if ('refused' in read) return unavailable(name, read.refused, ports.now());
    if (read.policy === undefined) return undefined;
    const decision = decide(read.policy);
    if ('answer' in decision) return decision.answer;
    const outcome = await store.write(read.policy, decision.status);
    if (outcome === 'written') return undefined;
    if (outcome !== 'conflict') return unavailable(name, outcome.refused, ports.now());
    await ports.sleep((pauseMs / 2) * (1 + ports.random()));
  }
  throw new BudgetContendedError(`policy ${name} changes too fast to be written`);
}

async function readPolicy(
  store: BudgetStore,
  name: string,
): Promise<{ policy: AegisRemediationPolicy | undefined } | { refused: string }> {
  try {
    return { policy: await store.read(name) };
  } catch (error) {
    return { refused: error instanceof Error ? error.message : String(error) };
  }
}
