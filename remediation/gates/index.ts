import { approval } from './approval.ts';
import { budget } from './budget.ts';
import type { Gate, GateAnswer, GateFacts } from './gate.ts';
import { oneAtATimePerAlert } from './one-at-a-time.ts';
import { pause } from './pause.ts';
import { silence } from './silence.ts';

/**
 * What must hold before a Workflow may act, in the order in which it is asked. The first gate that does not answer with
 * a pass decides, and its reason is what the object shows. People are asked first: they take longest, and may answer
 * while something else holds the attempt back.
 */
export const gates: readonly Gate[] = [approval, pause, silence, oneAtATimePerAlert, budget];

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

/** What one gate says. */
export interface GateReport {
  gate: string;
  /** Undefined = passes. */
  answer: GateAnswer;
}

/** What every gate says, in their order; the first that blocks is the one that decides. */
export function askEachGate(facts: GateFacts, list: readonly Gate[] = gates): GateReport[] {
  return list.map((gate) => ({ gate: gate.name, answer: gate.ask(facts) }));
}
