import { z } from 'zod';
import { text } from '../schema.ts';

/** Body of `aegisremediations/{name}/approve` and `/reject`. */
export const ApprovalRequest = z.object({
  manifestHash: text(80)
    .optional()
    .describe('spec.manifestHash of the manifest that was looked at, with or without sha256:. Needed.'),
  comment: text(1024).optional().describe('Why; kept with the decision.'),
});
export type ApprovalRequest = z.infer<typeof ApprovalRequest>;

/** Body of `aegisremediations/{name}/cancel`. */
export const CancelRequest = z.object({
  comment: text(1024).optional().describe('Why; kept with the cancellation.'),
});
export type CancelRequest = z.infer<typeof CancelRequest>;
