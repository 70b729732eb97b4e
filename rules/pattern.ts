import { RE2JS, RE2JSException } from 're2js';
import { leastStates, maxPatternStates } from '../lib/pattern-size.ts';

/** A compiled type of a rule's condition, or why it cannot be used. */
export type TypePattern = { ok: true; matches(type: string): boolean } | { ok: false; problem: string };

/**
 * Compiles the `type` of a rule's condition: equal to the alert's type, or a RE2 pattern that matches all of it.
 * RE2 runs in linear time and its size is limited, so that no user's pattern can hang the worker.
 */
export function compileTypePattern(pattern: string): TypePattern {
  try {
    if (leastStates(pattern) > maxPatternStates) return tooLarge(pattern);
    const compiled = RE2JS.compile(pattern);
    if (compiled.programSize() > maxPatternStates) return tooLarge(pattern);
    return { ok: true, matches: (type) => type === pattern || compiled.matches(type) };
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    return { ok: false, problem: `type ${JSON.stringify(pattern)} is not a RE2 pattern: ${error.message}` };
  }
}

function tooLarge(pattern: string): TypePattern {
  return { ok: false, problem: `type ${JSON.stringify(pattern)} is too large a pattern: use smaller repetitions` };
}
