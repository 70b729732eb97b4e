import process from 'node:process';

/**
 * The environment of a server whose heap is small: the collector of Go would run many times a second and take a fifth of
 * the processor time. It may use some hundred MiB instead, unless the environment says otherwise.
 */
export function roomyHeap(): NodeJS.ProcessEnv {
  return { GOGC: '300', GOMEMLIMIT: '600MiB', ...process.env };
}
