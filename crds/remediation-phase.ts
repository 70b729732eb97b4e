import { z } from 'zod';

/** How far an attempt is. */
export const RemediationPhase = z.enum([
  'Pending',
  'Blocked',
  'AwaitingApproval',
  'Approved',
  'Submitted',
  'Running',
  'Verifying',
  'Succeeded',
  'Failed',
  'Inconclusive',
  'Ineffective',
  'Expired',
  'Rejected',
  'Cancelled',
  'Superseded',
  'DryRun',
]);
export type RemediationPhase = z.infer<typeof RemediationPhase>;
