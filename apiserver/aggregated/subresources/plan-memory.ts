import { LRUCache } from 'lru-cache';
import { isDeepStrictEqual } from 'node:util';
import type { PlanInput, Planner, PlanResult } from '../../../remediation/planning/plan.ts';

/** A plan holds a whole Workflow, and users inspect a few alerts at a time. */
const maxPlans = 256;

/**
 * Returns a planner that plans again only when its input has changed: users inspect the same alert repeatedly. Plans are
 * shared and must not be changed.
 */
export function rememberPlans(planner: Planner): Planner {
  const plans = new LRUCache<string, { input: PlanInput; result: PlanResult }>({ max: maxPlans });
  return (input) => {
    const key = keyOf(input);
    const known = plans.get(key);
    // Objects of a cache are the same ones until they change, so that this compares little.
    if (known !== undefined && isDeepStrictEqual(known.input, input)) return known.result;
    const result = planner(input);
    plans.set(key, { input, result });
    return result;
  };
}

function keyOf({ alert, rule, attempt }: PlanInput): string {
  const of = (object: { metadata: { namespace?: string; name: string } } | undefined): string =>
    `${object?.metadata.namespace ?? ''}/${object?.metadata.name ?? ''}`;
  return `${of(alert)} ${of(rule)} ${attempt}`;
}
