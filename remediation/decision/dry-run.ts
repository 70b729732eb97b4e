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

/**
 * Returns the standing of a dry run: what would have been, and the answer of each gate that would have blocked; pure.
 *
 * @param refusal why the API server would not accept the Workflow, which no gate can tell; undefined = it would
 */
export function dryRunOutcome(facts: GateFacts, refusal: string | undefined): Standing {
  const blocking = askEachGate(facts).flatMap(({ gate, answer }) =>
    answer === undefined ? [] : [`${gate} (${answer.reason}: ${answer.message})`],
  );
  const would = blocking.length === 0 ? 'been submitted' : `waited at ${blocking.join('; ')}`;
  const message = `would have ${would}${whyDry(facts)}`;
  if (refusal !== undefined) {
    return ended('WouldBeRefused', `the Workflow could not be created: ${refusal}; otherwise it ${message}`);
  }
  return ended(blocking.length === 0 ? 'WouldSubmit' : 'WouldWait', message);
}

function ended(reason: DryRunReason, message: string): Standing {
  return { phase: 'DryRun', reason, message };
}

function whyDry(facts: GateFacts): string {
  if (facts.policy.dryRun.length > 0) return `; ${dryRunOnly(facts.policy)}`;
  return facts.remediation.spec.requestedBy.via === 'rule' ? '; its rule allows dry runs only' : '';
}
