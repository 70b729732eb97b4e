import { z } from 'zod';
import { readDuration } from '../lib/duration.ts';
import { logLevels } from './logger.ts';

/** Returns the schema of a duration of at least zero in Go's notation (`90s`, `1h30m`, `500ms`), read as milliseconds. */
export function duration() {
  return z.string().transform((text, context) => {
    const ms = readDuration(text);
    if (ms !== undefined && ms >= 0) return ms;
    context.addIssue({ code: 'custom', message: 'must be a duration such as 90s, 10m or 1h30m' });
    return z.NEVER;
  });
}

/** Returns the schema of a TCP port; 0 lets the system choose a free one. */
export function port() {
  return z.int().min(0).max(65_535);
}

/**
 * Metadata of a setting that is a secret: it is read from the environment or, better, from the file named by
 * `--<name>-file` or `AEGIS_<NAME>_FILE`; never from a flag, because every user of the machine can read flags.
 */
export const secret = { secret: true } as const;

/** Settings of every role. */
export const processSettings = {
  logLevel: z.enum(logLevels).default('info').meta({ description: 'lowest level that is logged' }),
  probePort: port().default(9090).meta({ description: 'port of /metrics, /livez and /readyz' }),
  shutdownGrace: duration().prefault('25s').meta({
    description: "maximum time from SIGTERM to exit; less than the pod's terminationGracePeriodSeconds",
  }),
  exitWithParent: z.boolean().default(false).meta({ description: 'also stop when the parent process has ended' }),
};

export const ProcessConfig = z.object(processSettings);
export type ProcessConfig = z.infer<typeof ProcessConfig>;
