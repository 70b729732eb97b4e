import { boundedText } from './bounds.ts';

/** Words of different senders for the same severity. Words that are missing here are kept, in lower case. */
const severities: ReadonlyMap<string, string> = new Map([
  ['critical', 'critical'],
  ['error', 'high'],
  ['high', 'high'],
  ['warning', 'warning'],
  ['medium', 'warning'],
  ['info', 'info'],
  ['low', 'low'],
]);

/** Returns the severity that rules and policies compare; undefined when the sender gave none. */
export function normaliseSeverity(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const word = value.trim().toLowerCase();
  return severities.get(word) ?? boundedText(word, 63);
}
