import { z } from 'zod';
import { Duration, text, Time } from '../schema.ts';

/** Body of `aegisalerts/{name}/acknowledge`. */
export const AcknowledgeRequest = z.object({
  comment: text(1024).optional().describe('Told in the event about it.'),
});
export type AcknowledgeRequest = z.infer<typeof AcknowledgeRequest>;

/** Body of `aegisalerts/{name}/silence`. */
export const SilenceRequest = z.object({
  for: Duration.optional().describe('For how long, such as 2h; at most 720h. 0s ends the silence.'),
  until: Time.optional().describe('Until when, instead of `for`; at most 30 days from now.'),
  reason: text(1024).optional().describe('Why nothing is to be started meanwhile. Needed, except for 0s.'),
});
export type SilenceRequest = z.infer<typeof SilenceRequest>;

/** Body of `aegisalerts/{name}/resolve`. */
export const ResolveRequest = z.object({
  comment: text(1024).optional().describe('Told in the event about it.'),
});
export type ResolveRequest = z.infer<typeof ResolveRequest>;
