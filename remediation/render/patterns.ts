import { RE2JS, RE2JSException } from 're2js';
import { leastStates } from '../../lib/pattern-size.ts';
import { limits } from './limits.ts';
import type { Place } from './places.ts';

/** The pattern of a parameter, or why it cannot be used. */
export type ValuePattern =
  | { ok: true; /** Why the value is refused. */ refusal(value: string): string | undefined }
  | { ok: false; message: string };

/** Compiles a RE2 pattern that a value must match in full, in linear time. */
export function compilePattern(pattern: string): ValuePattern {
  const tooLarge = { ok: false, message: 'is too large: use smaller repetitions' } as const;
  try {
    // Checked first, because compiling takes time in proportion to the result.
    if (leastStates(pattern) > limits.pattern) return tooLarge;
    const compiled = RE2JS.compile(pattern);
    const states = compiled.programSize();
    if (states > limits.pattern) return tooLarge;
    return {
      ok: true,
      refusal: (value) => {
        if (states * value.length > limits.match) return 'is too long to be matched with its pattern';
        return compiled.matches(value) ? undefined : `does not match its pattern ${pattern}`;
      },
    };
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    return { ok: false, message: `is not a RE2 pattern: ${error.message}` };
  }
}

const words = /^[A-Za-z0-9._:/@=+-]{1,253}$/;
const operands = /^[A-Za-z0-9._-]{1,253}$/;

/**
 * Returns why a value without its own pattern is refused in a place. Besides the characters that the pattern of `api.md`
 * excludes, it may not begin with a character that tools take for an option, a file or an operator (`-`, `@`, `+`, `=`,
 * `:`), climb up a path (`..`), or be punctuation alone: names of objects do not look like that.
 */
export function defaultRefusal(value: string, place: Place): string | undefined {
  if (place === 'Environment' || place === 'Data') return undefined;
  if (!words.test(value)) {
    return 'holds other characters than A-Z a-z 0-9 . _ : / @ = + - or more than 253 of them';
  }
  if (!/[A-Za-z0-9]/.test(value)) return 'holds neither a letter nor a digit';
  if (/^[-@+=:]/.test(value)) return `begins with "${value.charAt(0)}", which tools do not take for a name`;
  if (/(?:^|\/)\.\.(?:\/|$)/.test(value)) return 'climbs up a path with ".."';
  if (place === 'Expression' && !operands.test(value)) {
    return 'holds other characters than A-Z a-z 0-9 . _ - where it becomes part of an expression';
  }
  return undefined;
}

/** Control characters but newline and tab, halves of characters, marks, and characters that reorder text. */
const unprintable = /(?![\n\t])[\p{Cc}\p{Cs}]|[\uEF00\uEF01\u2028\u2029\u202A-\u202E\u2066-\u2069]/u;

/** Returns why a value is not allowed in any place. */
export function alwaysRefused(value: string): string | undefined {
  if (value.length > limits.value) return `has more than ${limits.value} characters`;
  return unprintable.test(value) ? 'holds control characters' : undefined;
}
