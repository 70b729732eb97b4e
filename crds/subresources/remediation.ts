import { z } from 'zod';
import { text } from '../schema.ts';

/** Body of `aegisremediations/{name}/approve` and `/reject`. */
export const ApprovalRequest = z.object({
  manifestHash: text(80)
    .optional()
    .describe('spec.manifestHash of the manifest that was reviewed, with or without sha256:. Required.'),
  comment: text(1024).optional().describe('Reason; stored with the decision.'),
});
export type ApprovalRequest = z.infer<typeof ApprovalRequest>;

/** Body of `aegisremediations/{name}/cancel`. */
export const CancelRequest = z.object({
  comment: text(1024).optional().describe('Reason; stored with the cancellation.'),
});
export type CancelRequest = z.infer<typeof CancelRequest>;
