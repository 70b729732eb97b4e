import { withinTime } from '../lib/deadline.ts';
import { errorMessage } from './error-fields.ts';

/** A named statement about the health of a process. */
export interface Check {
  /** Lower case with dashes: part of a path. */
  readonly name: string;
  /**
   * Holds unless it throws; the error's message is shown to whoever may read the probe port. A returned text is a
   * warning: it holds, but somebody should know.
   */
  check(): Promise<string | undefined> | string | undefined;
}

/** What one check said. */
export interface CheckResult {
  readonly name: string;
  readonly ok: boolean;
  /** Why it failed, or what to know although it holds. */
  readonly note: string | undefined;
}

/** Runs all checks at once; one that takes longer than `timeoutMs` has failed. */
export async function runChecks(checks: readonly Check[], timeoutMs: number): Promise<CheckResult[]> {
  return Promise.all(checks.map((check) => runCheck(check, timeoutMs)));
}

async function runCheck(check: Check, timeoutMs: number): Promise<CheckResult> {
  try {
    const note = await withinTime((async () => ({ note: await check.check() }))(), timeoutMs);
    if (note === 'late') throw new Error(`no answer within ${timeoutMs} ms`);
    return { name: check.name, ok: true, ...note };
  } catch (error) {
    return { name: check.name, ok: false, note: errorMessage(error) };
  }
}

/** One line per check and a verdict, as kube-apiserver words its verbose probes. */
export function formatChecks(probe: string, results: readonly CheckResult[]): string {
  const lines = results.map(({ name, ok, note }) => {
    const suffix = note === undefined ? '' : `: ${note.replaceAll(/\s+/g, ' ')}`;
    return ok ? `[+]${name} ok${suffix}` : `[-]${name} failed${suffix}`;
  });
  const verdict = results.every(({ ok }) => ok) ? 'passed' : 'failed';
  return [...lines, `${probe} check ${verdict}`, ''].join('\n');
}
