import { z } from 'zod';
import { duration } from '../process/settings.ts';

/** What the controllers take. */
export const controllerSettings = {
  ttlAfterSuccess: duration()
    .prefault('24h')
    .meta({ description: 'how long an alert is kept after its remediation succeeded' }),
  ttlAfterFailure: duration()
    .prefault('72h')
    .meta({ description: 'how long an alert is kept after its remediation failed' }),
  ttlAfterNoOps: duration()
    .prefault('24h')
    .meta({ description: 'how long an alert is kept when nothing was done about it' }),
  startDeadline: duration().prefault('10m').meta({ description: 'time in which a Workflow must have started' }),
  auditLog: z
    .string()
    .default('')
    .meta({ description: 'file to which every decision is appended, of this worker alone; empty = no audit' }),
};

/** The configuration of the controllers: their own settings and those of the release that they use. */
export type ControllerConfig = z.infer<z.ZodObject<typeof controllerSettings>> & {
  readonly ruleScope: 'Cluster' | 'Namespace';
  /** Milliseconds. */
  readonly staleAfter: number;
};
