import { withinTime } from '../lib/deadline.ts';
import { errorMessage } from './error-fields.ts';

/** A named health check of a process. */
export interface Check {
  /** Lower case with dashes: part of a path. */
  readonly name: string;
  /**
   * Succeeds unless it throws; clients of the probe port see the error's message. A returned text is a warning: the check
   * succeeds, and the probe shows the text.
   */
  check(): Promise<string | undefined> | string | undefined;
}

/** The result of one check. */
export interface CheckResult {
  readonly name: string;
  readonly ok: boolean;
  /** The reason of a failure, or a warning. */
  readonly note: string | undefined;
}

/** Runs all checks in parallel; one that takes longer than `timeoutMs` fails. */
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

/** Returns one line per check and a verdict, in the format of kube-apiserver's verbose probes. */
export function formatChecks(probe: string, results: readonly CheckResult[]): string {
  const lines = results.map(({ name, ok, note }) => {
    const suffix = note === undefined ? '' : `: ${note.replaceAll(/\s+/g, ' ')}`;
    return ok ? `[+]${name} ok${suffix}` : `[-]${name} failed${suffix}`;
  });
  const verdict = results.every(({ ok }) => ok) ? 'passed' : 'failed';
  return [...lines, `${probe} check ${verdict}`, ''].join('\n');
}
