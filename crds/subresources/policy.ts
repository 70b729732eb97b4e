import { z } from 'zod';
import { Duration, text, Time } from '../schema.ts';

/** Body of `aegisremediationpolicies/{name}/pause`. */
export const PauseRequest = z.object({
  reason: text(1024).optional().describe('Why, for the people who find their work held. Needed.'),
  for: Duration.optional().describe('For how long, such as 2h. Neither this nor `expires`: until somebody resumes.'),
  expires: Time.optional().describe('Until when, instead of `for`.'),
});
export type PauseRequest = z.infer<typeof PauseRequest>;

/** Body of `aegisremediationpolicies/{name}/resume`. */
export const ResumeRequest = z.object({
  all: z
    .boolean()
    .optional()
    .describe("Takes away everybody's pauses, not only the caller's own; needs the verb update on the policy."),
});
export type ResumeRequest = z.infer<typeof ResumeRequest>;
