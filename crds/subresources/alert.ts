import { z } from 'zod';
import { Duration, text, Time } from '../schema.ts';

/** Body of `aegisalerts/{name}/acknowledge`. */
export const AcknowledgeRequest = z.object({
  comment: text(1024).optional().describe('Comment for the event.'),
});
export type AcknowledgeRequest = z.infer<typeof AcknowledgeRequest>;

/** Body of `aegisalerts/{name}/silence`. */
export const SilenceRequest = z.object({
  for: Duration.optional().describe('Duration of the silence, such as 2h; at most 720h. 0s ends the silence.'),
  until: Time.optional().describe('End of the silence, instead of `for`; at most 30 days from now.'),
  reason: text(1024).optional().describe('Reason for the silence. Required, except for 0s.'),
});
export type SilenceRequest = z.infer<typeof SilenceRequest>;

/** Body of `aegisalerts/{name}/resolve`. */
export const ResolveRequest = z.object({
  comment: text(1024).optional().describe('Comment for the event.'),
});
export type ResolveRequest = z.infer<typeof ResolveRequest>;
