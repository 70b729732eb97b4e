import { destination as fileDestination, pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';
import { errorFields } from './error-fields.ts';

export type { Logger } from 'pino';

/** Levels that `--log-level` accepts. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** Field names whose values are never written, at the top of a log line and one level below. */
const secretFields = ['token', 'password', 'secret', 'authorization', 'cookie', 'headers', 'apiKey'];

/**
 * Creates a logger of JSON lines on stdout. Messages are static (capital first letter, no period), variable data goes into
 * fields; `err` is for errors.
 *
 * @param destination for tests; stdout otherwise, written synchronously so that the last lines of a process are kept
 */
export function createLogger(level: (typeof logLevels)[number], destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { pid: process.pid },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: errorFields },
    redact: { paths: secretFields.flatMap((field) => [field, `*.${field}`]), censor: '***' },
  };
  // Pino's own default for stdout writes asynchronously, which costs a turn of the thread pool for each line as well.
  return pino(options, destination ?? fileDestination({ dest: 1, sync: true }));
}
