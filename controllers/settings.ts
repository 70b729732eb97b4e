import { z } from 'zod';
import { duration } from '../process/settings.ts';

/** Settings of the controllers. */
export const controllerSettings = {
  ttlAfterSuccess: duration()
    .prefault('24h')
    .meta({ description: 'time to keep an alert after its remediation succeeded' }),
  ttlAfterFailure: duration()
    .prefault('72h')
    .meta({ description: 'time to keep an alert after its remediation failed' }),
  ttlAfterNoOps: duration().prefault('24h').meta({ description: 'time to keep an alert without remediation' }),
  startDeadline: duration().prefault('10m').meta({ description: 'time within which a Workflow must start' }),
  auditLog: z
    .string()
    .default('')
    .meta({ description: 'file to which this worker appends every decision; empty = no audit' }),
};

/** The configuration of the controllers: their own settings and those of the release that they use. */
export type ControllerConfig = z.infer<z.ZodObject<typeof controllerSettings>> & {
  readonly ruleScope: 'Cluster' | 'Namespace';
  /** Milliseconds. */
  readonly staleAfter: number;
};
