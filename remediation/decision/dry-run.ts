import type { DryRunReason } from '../../crds/reasons.ts';
import { askEachGate } from '../gates/index.ts';
import type { GateFacts } from '../gate.ts';
import { dryRunOnly } from '../policies/effective.ts';
import type { Standing } from '../attempts/status.ts';

/** The reasons of the phase DryRun, which are counted by rule. */
const outcomes: ReadonlySet<string> = new Set<DryRunReason>(['WouldSubmit', 'WouldWait', 'WouldBeRefused']);

/** Returns whether a reason is the outcome of a dry run. */
export function isDryRunOutcome(reason: string): reason is DryRunReason {
  return outcomes.has(reason);
}

/** A dry run ends with what would have been, and with what each gate that would have held it back says; pure. */
export function rehearse(facts: GateFacts): Standing {
  const blocking = askEachGate(facts).flatMap(({ gate, answer }) =>
    answer === undefined ? [] : [`${gate} (${answer.reason}: ${answer.message})`],
  );
  const would = blocking.length === 0 ? 'been submitted' : `waited at ${blocking.join('; ')}`;
  return ended(blocking.length === 0 ? 'WouldSubmit' : 'WouldWait', `would have ${would}${whyDry(facts)}`);
}

/** The same when the API server does not take the Workflow, which no gate knows. */
export function refused({ message }: Standing, refusal: string): Standing {
  return ended('WouldBeRefused', `the Workflow could not be created: ${refusal}; apart from that it ${message}`);
}

function ended(reason: DryRunReason, message: string): Standing {
  return { phase: 'DryRun', reason, message };
}

function whyDry(facts: GateFacts): string {
  if (facts.policy.dryRun.length > 0) return `; ${dryRunOnly(facts.policy)}`;
  return facts.remediation.spec.requestedBy.via === 'rule' ? '; its rule allows dry runs only' : '';
}
