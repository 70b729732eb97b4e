import type { AegisRemediation } from '../../crds/remediation.ts';
import type { AegisRemediationPolicy } from '../../crds/remediation-policy.ts';
import type { GateAnswer } from '../gate.ts';
import type { AcquireFacts, Hold } from '../locks/acquire.ts';
import type { World } from '../cluster-view.ts';
import { refusedBy, unavailable } from './answer.ts';
import { refusalOf } from './refusal.ts';
import { holds, withoutReservation, withReservation } from './reservation.ts';
import type { BudgetStatus, BudgetStore } from './store.ts';
import { budgetsFor, countsFor, hasBudget } from './subject.ts';

/** What the hold needs from its surroundings. */
export interface BudgetHoldPorts {
  readonly world: World;
  readonly store: BudgetStore;
  /** Runs the works of one policy one after the other: in one process nobody needs to lose a race against himself. */
  serially(policy: string, work: () => Promise<void>): Promise<void>;
  /** Milliseconds. */
  sleep(ms: number): Promise<void>;
  /** In [0, 1). */
  random(): number;
  now(): Date;
}

/** Others that write the same policy may be faster that often, before the queue tries the whole run again. */
const maxTries = 8;
/** Milliseconds between two tries, at most; half of it at least. */
const pauseMs = 40;
/** How long what was taken here is remembered, until every cache shows it; milliseconds. */
const rememberedMs = 60_000;

/** Somebody else was faster again and again; carries what the queue needs to know. */
export class BudgetContendedError extends Error {
  override readonly name = 'BudgetContendedError';
  readonly retry = { kind: 'conflict' } as const;
}

/** A part of the budget of each policy that is about an attempt: reserved by one write that fails if it is not the next. */
export function budgetHold(ports: BudgetHoldPorts): Hold {
  const { world, store } = ports;
  const taken = new Map<string, { at: number; policies: Set<string> }>();

  /**
   * Decides upon the policy as it is, until its write is the next one.
   *
   * @returns the answer that was decided, or why nothing can be decided
   */
  async function change(
    name: string,
    decide: (policy: AegisRemediationPolicy) => { status: BudgetStatus } | { answer: GateAnswer },
  ): Promise<GateAnswer> {
    for (let tries = 0; tries < maxTries; tries += 1) {
      const read = await readPolicy(name);
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
    name: string,
  ): Promise<{ policy: AegisRemediationPolicy | undefined } | { refused: string }> {
    try {
      return { policy: await store.read(name) };
    } catch (error) {
      return { refused: error instanceof Error ? error.message : String(error) };
    }
  }

  async function reserve(name: string, { remediation, alert }: AcquireFacts): Promise<GateAnswer> {
    let answer: GateAnswer;
    await ports.serially(name, async () => {
      answer = await change(name, (policy) => {
        if (!hasBudget(policy) || !countsFor(policy, remediation, { world, alert })) return { answer: undefined };
        const moment = { world, now: ports.now() };
        const refusal = refusalOf(policy, remediation, moment);
        if (refusal !== undefined) return { answer: refusedBy(policy, refusal) };
        return { status: withReservation(policy, remediation, moment) };
      });
    });
    return answer;
  }

  async function free(name: string, remediation: AegisRemediation, use: 'used' | 'unused'): Promise<void> {
    await ports.serially(name, async () => {
      const answer = await change(name, (policy) => {
        const status = withoutReservation(policy, remediation, use, { world, now: ports.now() });
        return status === undefined ? { answer: undefined } : { status };
      });
      if (answer !== undefined) throw new Error(answer.message);
    });
  }

  function remember({ metadata: { uid = '' } }: AegisRemediation, policy: string): void {
    const at = ports.now().getTime();
    for (const [other, one] of taken) if (at - one.at > rememberedMs) taken.delete(other);
    const { policies } = taken.get(uid) ?? { policies: new Set<string>() };
    taken.set(uid, { at, policies: policies.add(policy) });
  }

  function forget({ metadata: { uid = '' } }: AegisRemediation): void {
    taken.delete(uid);
  }

  async function take(facts: AcquireFacts): Promise<GateAnswer> {
    const { remediation } = facts;
    const names = budgetsFor(remediation, { world, alert: facts.alert }).map(({ metadata }) => metadata.name);
    for (const [index, name] of names.entries()) {
      // Before it is known: a write whose answer is lost may have been done.
      remember(remediation, name);
      const answer = await reserve(name, facts);
      if (answer === undefined) continue;
      for (const other of names.slice(0, index)) await free(other, remediation, 'unused');
      forget(remediation);
      return answer;
    }
    return undefined;
  }

  async function release(remediation: AegisRemediation, use: 'used' | 'unused' = 'used'): Promise<void> {
    const { uid = '' } = remediation.metadata;
    const shownByCache = world.policies().filter((policy) => holds(policy, remediation));
    const names = new Set([...shownByCache.map(({ metadata }) => metadata.name), ...(taken.get(uid)?.policies ?? [])]);
    for (const name of names) await free(name, remediation, use);
    forget(remediation);
  }

  return { name: 'budget', take, release };
}
