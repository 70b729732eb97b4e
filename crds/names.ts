import { hash } from 'node:crypto';

/** An alert's name leaves room for the `-<5 characters>` of its remediations within a label value (63). */
const maxAlertName = 57;

/** The words are for users who read them in a terminal; the hash makes a name unique. */
const maxLockWords = 63;

/** Lower-case base 32 without the letters that look like digits, because names are read aloud. */
const alphabet = '0123456789abcdfghjkmnpqrstvwxyz';

function shortHash(text: string, length: number): string {
  let number = BigInt(`0x${hash('sha256', text)}`);
  let out = '';
  while (out.length < length) {
    out += alphabet.charAt(Number(number % BigInt(alphabet.length)));
    number /= BigInt(alphabet.length);
  }
  return out;
}

/**
 * Returns the name of an episode of an alert: `<source>-<type>-<10 characters>`, then `...-2`, `...-3`. The same key and episode
 * always give the same name, so that creating an episode twice is a conflict.
 *
 * @param episode 1 for the first
 */
export function alertName(source: string, type: string, dedupKey: string, episode: number): string {
  const suffix = `-${shortHash(dedupKey, 10)}${episode === 1 ? '' : `-${episode}`}`;
  const words = `${source}-${type}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '');
  return words.slice(0, maxAlertName - suffix.length).replace(/-+$/, '') + suffix;
}

/**
 * Returns the name that one attempt and its Workflow share. It is derived from the plan and not from the time, so that two
 * workers with the same plan collide.
 *
 * @param rule `namespace/name` of the rule, or empty when a user requested the template itself
 * @param template `namespace/name`
 * @param attempt 1 for the first
 * @param dryRun a dry run must never have the name of an attempt that acts
 */
export function remediationName(
  alert: { name: string; uid: string },
  plan: { rule: string; template: string; attempt: number; dryRun?: boolean },
): string {
  const identity = [alert.uid, plan.rule, plan.template, String(plan.attempt)];
  if (plan.dryRun === true) identity.push('dry-run');
  return `${alert.name}-${shortHash(identity.join('|'), 5)}`;
}

/** Returns the name of the Lease that locks a target: the target, as far as names allow, and its hash. */
export function lockName(target: string): string {
  const words = target
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, maxLockWords)
    .replace(/-+$/, '');
  return `aegis-lock-${words}-${shortHash(target, 10)}`;
}

/** Returns the name of an attempt that a user requested with a request ID: a repeated request collides with the first. */
export function requestedName(alert: { name: string; uid: string }, requestId: string): string {
  return `${alert.name}-${shortHash(['request', alert.uid, requestId].join('|'), 5)}`;
}
