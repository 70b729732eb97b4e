import { z } from 'zod';
import { list, mapOf, text } from './schema.ts';

/** What the two kinds of health checks share. */

/** How one item ended; only Pass says that it is fine. */
export const CheckOutcome = z.enum(['Pass', 'Fail', 'Skip', 'Error', 'Unknown']);
export type CheckOutcome = z.infer<typeof CheckOutcome>;

/** How one node is; "not checked" never looks like "healthy". */
export const CheckVerdict = z.enum(['Healthy', 'Unhealthy', 'Unknown', 'Skipped']);
export type CheckVerdict = z.infer<typeof CheckVerdict>;

export const CheckItem = z.object({
  item: text(253).optional().describe('What was checked.'),
  condition: text(253).optional().describe('The condition it stands for, such as GpuDown.'),
  level: text(63).optional().describe('How bad a failure is, in the words of the rule.'),
  status: z.boolean().default(false).describe('true = the problem is present. Read `outcome` for what false means.'),
  outcome: CheckOutcome.optional().describe('How it ended: only Pass says that it was checked and is fine.'),
  message: text(4096).optional().describe('What was seen.'),
});
export type CheckItem = z.infer<typeof CheckItem>;

/** Results by module, as in the original. */
export const CheckResults = mapOf(list(CheckItem, 256), 64);
export type CheckResults = z.infer<typeof CheckResults>;

const Container = z.looseObject({
  name: text(63).min(1).describe('Name of the container.'),
  image: text(1024).min(1).describe('The image with the checks.'),
});

/**
 * A PodTemplateSpec. Its own schema would make the CRD ten times as large, so only what the checks depend on is written
 * here; the rest is kept as it is and judged by the API server when the pod is created.
 */
export const PodTemplate = z.looseObject({
  metadata: z
    .looseObject({})
    .optional()
    .describe('Labels and annotations of the pods. Kept as it is, judged when the pod is created.'),
  spec: z
    .looseObject({
      containers: list(Container, 1).min(1).describe('Exactly one container, which runs the checks.'),
    })
    .describe('A PodSpec. Kept as it is, judged when the pod is created; nodeName and restartPolicy are set for it.'),
});
export type PodTemplate = z.infer<typeof PodTemplate>;
