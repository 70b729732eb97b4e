import { z } from 'zod';
import { Duration, text, Time } from '../schema.ts';

/** Body of `aegisremediationpolicies/{name}/pause`. */
export const PauseRequest = z.object({
  reason: text(1024)
    .optional()
    .describe('Reason for the pause, shown to users whose remediations it blocks. Required.'),
  for: Duration.optional().describe(
    'Duration of the pause, such as 2h. Without `for` and `expires`: until it is resumed.',
  ),
  expires: Time.optional().describe('End of the pause, instead of `for`.'),
});
export type PauseRequest = z.infer<typeof PauseRequest>;

/** Body of `aegisremediationpolicies/{name}/resume`. */
export const ResumeRequest = z.object({
  all: z
    .boolean()
    .optional()
    .describe("Remove the pauses of all users, not only the caller's own; requires the verb update on the policy."),
});
export type ResumeRequest = z.infer<typeof ResumeRequest>;
