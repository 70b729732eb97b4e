import { runChecks, type Check } from '../../../process/checks.ts';
import type { Reply } from './respond.ts';
import { unavailable } from '../../kubeapi/refusals.ts';

const paths = new Set(['/healthz', '/livez', '/readyz']);

/** Returns whether a path is a probe, which needs no user, only the handshake. */
export function isHealthPath(path: string): boolean {
  return paths.has(path);
}

/**
 * Answers a probe: `/livez` always succeeds, the others name the checks that fail.
 *
 * @throws StatusError 503
 */
export async function health(path: string, readyz: readonly Check[]): Promise<Reply> {
  const failed = path === '/livez' ? [] : (await runChecks(readyz, 2_000)).filter(({ ok }) => !ok);
  if (failed.length > 0) throw unavailable(`not ready: ${failed.map(({ name }) => name).join(', ')}`);
  return {
    code: 200,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
    body: 'ok',
  };
}
