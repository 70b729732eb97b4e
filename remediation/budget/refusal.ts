import type { AegisRemediation } from '../../crds/remediation.ts';
import type { ClusterView } from '../cluster-view.ts';
import { waitsFor, type Refusal } from './answer.ts';
import { boundOf } from './bound.ts';
import type { BudgetedPolicy } from './subject.ts';
import { attemptTargetKey } from './target-key.ts';
import { useOf, type Use } from './use.ts';
import { nextStart } from './window.ts';

interface Asked {
  readonly budget: BudgetedPolicy['spec']['budget'];
  readonly use: Use;
  /** The key of the target. */
  readonly target: string;
  /** The number of attempts that wait for the same budget and are older. */
  readonly inFront: () => number;
}

/** The most names that a message has. */
const maxNamed = 6;
/** The API server bounds the lists in the status; what does not fit there cannot be counted. */
const maxEntries = 1024;

/** All must hold; the list reads as the specification. */
const bounds: readonly ((asked: Asked) => Refusal | undefined)[] = [unhealthy, parallel, window, room];

/** Returns whether one more attempt would exceed the budget of a policy; pure. */
export function refusalOf(
  policy: BudgetedPolicy,
  remediation: AegisRemediation,
  facts: { cluster: ClusterView; now: Date },
): Refusal | undefined {
  const use = useOf(policy, facts, remediation);
  const { creationTimestamp = '' } = remediation.metadata;
  const asked: Asked = {
    budget: policy.spec.budget,
    use,
    target: attemptTargetKey(remediation),
    inFront: () =>
      facts.cluster
        .attempts()
        .filter(({ metadata }) => (metadata.creationTimestamp ?? '') < creationTimestamp)
        .filter((other) => waitsFor(policy, other)).length,
  };
  for (const bound of bounds) {
    const refusal = bound(asked);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/**
 * The target counts once: usually it is unhealthy already. The message names the unhealthy objects only, because the
 * set of active attempts changes all the time, and thousands of attempts would be written with each change.
 */
function unhealthy({ budget, use, target }: Asked): Refusal | undefined {
  const bound = boundOf(budget, use.selected);
  if (bound === undefined) return undefined;
  if ('problem' in bound) return { message: bound.problem };
  const working = [...use.atWork.values()].map((one) => one.target);
  const others = new Set([...use.unhealthy, ...working].filter((one) => one !== target));
  if (others.size < bound.allowed) return undefined;
  const broken = [...others].filter((one) => use.unhealthy.has(one));
  return { message: `${others.size} of ${bound.allowed} allowed unhealthy or at work${named(broken)}` };
}

function parallel({ budget: { maxParallel }, use: { atWork } }: Asked): Refusal | undefined {
  if (maxParallel === undefined || atWork.size < maxParallel) return undefined;
  return { message: `${atWork.size} of ${maxParallel} allowed remediations at work` };
}

function window({ budget, use: { starts }, inFront }: Asked): Refusal | undefined {
  const { maxPerWindow } = budget;
  if (maxPerWindow === undefined || starts.length < maxPerWindow.count) return undefined;
  const message = `${starts.length} of ${maxPerWindow.count} allowed to start within ${maxPerWindow.window}`;
  const until = nextStart(budget, starts, inFront());
  return { message, ...(until && { until }) };
}

function room({ use: { atWork, starts } }: Asked): Refusal | undefined {
  if (atWork.size < maxEntries && starts.length < maxEntries) return undefined;
  return { message: `its status lists ${maxEntries} remediations, the most that it can` };
}

function named(names: readonly string[]): string {
  if (names.length === 0) return '';
  const some = names.toSorted().slice(0, maxNamed).join(', ');
  return ` (unhealthy: ${some}${names.length > maxNamed ? ` and ${names.length - maxNamed} more` : ''})`;
}
