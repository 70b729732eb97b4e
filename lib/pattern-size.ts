/** States that a compiled pattern may have; `.{0,1000}` has 2003. */
export const maxPatternStates = 2500;

/** Operators match no character of their own. */
const operators = new Set('|*+?^$');

/**
 * Returns the least number of states of a RE2 pattern, in time proportional to its text: a repeated part counts as often
 * as it may occur. Call it before compiling: a group of 500 characters, repeated 1,000 times, takes half a second.
 */
export function leastStates(pattern: string): number {
  /** Sizes of the groups that are open, the innermost last. */
  const open = [0];
  /** Size of the part that a repetition at this position repeats. */
  let last = 0;
  const add = (size: number): void => {
    last = size;
    open.push((open.pop() ?? 0) + size);
  };
  for (let at = 0; at < pattern.length; at += 1) {
    switch (pattern[at]) {
      case '(':
        open.push(0);
        at = endOfFlags(pattern, at);
        break;
      case ')':
        add(open.length > 1 ? (open.pop() ?? 0) : 1);
        break;
      case '{': {
        const { times, end } = repetitionAt(pattern, at);
        add(last * (times - 1));
        at = end;
        break;
      }
      default:
        add(operators.has(pattern.charAt(at)) ? 0 : 1);
        at = endOfAtom(pattern, at);
    }
  }
  return open.reduce((sum, size) => sum + size, 0);
}

/** Returns the largest count of a repetition, or 1 for a brace that is a literal character. */
function repetitionAt(pattern: string, at: number): { times: number; end: number } {
  const repetition = /\{(\d+)(?:,(\d*))?\}/y;
  repetition.lastIndex = at;
  const [text = '{', least, most] = repetition.exec(pattern) ?? [];
  return { times: Math.max(Number(least ?? 1), Number(most ?? 0), 1), end: at + text.length - 1 };
}

function endOfAtom(pattern: string, at: number): number {
  if (pattern[at] === '\\') return at + 1;
  return pattern[at] === '[' ? endOfClass(pattern, at) : at;
}

/** Returns the index of the end of `(?i`, `(?:` or `(?P<name>`, or else that of the parenthesis. */
function endOfFlags(pattern: string, start: number): number {
  if (pattern[start + 1] !== '?') return start;
  for (let at = start + 2; at < pattern.length; at += 1) {
    if (pattern[at] === ':' || pattern[at] === '>') return at;
    if (pattern[at] === ')') return at - 1;
  }
  return pattern.length;
}

function endOfClass(pattern: string, start: number): number {
  for (let at = start + 2; at < pattern.length; at += 1) {
    if (pattern[at] === '\\') at += 1;
    else if (pattern[at] === ']') return at;
  }
  return pattern.length;
}
