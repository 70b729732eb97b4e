/**
 * Ends a text that was cut; no name of a Kubernetes object can contain it, so that a cut name never hits another
 * object.
 */
const cutMark = '…';

/** The key under which the details say that some were left out. */
export const leftOutKey = 'aegis.io/left-out';

const maxEntries = 128;
const maxKey = 256;
const maxValue = 8192;
/** Of all values together: an object must fit etcd's 1.5 MiB even if every character needs six bytes in JSON. */
const maxTotal = 150_000;

/** At most `max` UTF-16 units, well-formed (no half of a surrogate pair), with a mark where something was cut. */
export function boundedText(text: string, max: number): string {
  if (text.length <= max) return text.toWellFormed();
  const end = /[\uD800-\uDBFF]/.test(text.charAt(max - 2)) ? max - 2 : max - 1;
  return text.slice(0, end).toWellFormed() + cutMark;
}

/** A value of a JSON document as text: strings as they are, everything else as JSON. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    return JSON.stringify(value);
  } catch {
    // The engine gives up on values nested thousands of levels deep.
    return '(not shown: nested too deeply)';
  }
}

/**
 * A sender's entries within the bounds of `spec.details`: earlier entries win over later ones of the same key, long
 * values are cut, and entries that do not fit are counted under `leftOutKey`.
 */
export function boundedDetails(entries: Iterable<readonly [string, unknown]>): Record<string, string> {
  // No prototype: a label called __proto__ is a label like any other.
  const details = Object.create(null) as Record<string, string>;
  let count = 0;
  let total = 0;
  let leftOut = 0;
  for (const [key, value] of entries) {
    if (key in details) continue;
    if (count >= maxEntries - 1 || key.length > maxKey || total >= maxTotal) {
      leftOut += 1;
      continue;
    }
    const text = boundedText(textOf(value), Math.min(maxValue, Math.max(1, maxTotal - total)));
    details[key.toWellFormed()] = text;
    count += 1;
    total += text.length;
  }
  if (leftOut > 0) details[leftOutKey] = `${leftOut} more entries did not fit`;
  return details;
}
