import { approval } from './approval.ts';
import { attemptsExhausted } from './attempts-exhausted.ts';
import { budget } from './budget.ts';
import { circuitBreakerAfter } from './circuit-breaker.ts';
import { cooldown } from './cooldown.ts';
import { dryRun } from './dry-run.ts';
import type { Gate, GateAnswer, GateFacts } from '../gate.ts';
import { maintenanceWindow } from './maintenance-window.ts';
import { oneAtATimePerAlert } from './one-at-a-time.ts';
import { pause } from './pause.ts';
import { readablePolicies } from './readable-policies.ts';
import { silence } from './silence.ts';
import { storm } from './storm.ts';
import { targetChanged } from './target-changed.ts';
import { targetLock } from './target-lock.ts';
import { untrustedAlert } from './untrusted-alert.ts';

const beforeBreaker: readonly Gate[] = [
  targetChanged,
  readablePolicies,
  approval,
  untrustedAlert,
  pause,
  silence,
  dryRun,
  maintenanceWindow,
  storm,
  attemptsExhausted,
];
const afterBreaker: readonly Gate[] = [cooldown, oneAtATimePerAlert, budget, targetLock];

/**
 * The gates of an attempt, in the order in which they are evaluated. The first gate that blocks decides, and its
 * reason is shown in the status. First whether the attempt still makes sense; then approvals, which take longest and can
 * be given while another gate blocks; then pauses and silences of users; then the clock; then earlier attempts. The
 * target comes last: only an attempt that may act should wait for it.
 */
export const gates: readonly Gate[] = [...beforeBreaker, circuitBreakerAfter(beforeBreaker), ...afterBreaker];

/** The first gate that blocks, with its answer. */
export function askGates(
  facts: GateFacts,
  list: readonly Gate[] = gates,
): { gate: string; answer: NonNullable<GateAnswer> } | undefined {
  for (const gate of list) {
    const answer = gate.ask(facts);
    if (answer !== undefined) return { gate: gate.name, answer };
  }
  return undefined;
}

/** The answer of one gate. */
export interface GateReport {
  gate: string;
  /** Undefined = passes. */
  answer: GateAnswer;
}

/** Returns the answers of all gates, in their order; the first that blocks decides. */
export function askEachGate(facts: GateFacts, list: readonly Gate[] = gates): GateReport[] {
  return list.map((gate) => ({ gate: gate.name, answer: gate.ask(facts) }));
}
