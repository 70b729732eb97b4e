import { z } from 'zod';
import { list, mapOf, text } from './schema.ts';

/** Schemas that both kinds of health checks share. */

/** Result of one item; only Pass means healthy. */
export const CheckOutcome = z.enum(['Pass', 'Fail', 'Skip', 'Error', 'Unknown']);
export type CheckOutcome = z.infer<typeof CheckOutcome>;

/** Health of one node; a node that was not checked is never Healthy. */
export const CheckVerdict = z.enum(['Healthy', 'Unhealthy', 'Unknown', 'Skipped']);
export type CheckVerdict = z.infer<typeof CheckVerdict>;

export const CheckItem = z.object({
  item: text(253).optional().describe('Name of the item.'),
  condition: text(253).optional().describe('Condition that the item reports, such as GpuDown.'),
  level: text(63).optional().describe('Severity of a failure, as the rule names it.'),
  status: z
    .boolean()
    .default(false)
    .describe('Whether the problem is present. See `outcome` for the meaning of false.'),
  outcome: CheckOutcome.optional().describe('Result of the item. Only Pass means that it was checked and is healthy.'),
  message: text(4096).optional().describe('Observation in detail.'),
});
export type CheckItem = z.infer<typeof CheckItem>;

/** Results by module, as in the original. */
export const CheckResults = mapOf(list(CheckItem, 256), 64);
export type CheckResults = z.infer<typeof CheckResults>;

const Container = z.looseObject({
  name: text(63).min(1).describe('Name of the container.'),
  image: text(1024).min(1).describe('Image that contains the checks.'),
});

/**
 * A PodTemplateSpec. Its own schema would make the CRD ten times as large, so it has only the fields that the checks depend
 * on; the API server validates the others when the pod is created.
 */
export const PodTemplate = z.looseObject({
  metadata: z
    .looseObject({})
    .optional()
    .describe('Labels and annotations of the pods; validated when a pod is created.'),
  spec: z
    .looseObject({
      containers: list(Container, 1).min(1).describe('The one container, which runs the checks.'),
    })
    .describe('PodSpec; validated when a pod is created. Aegis sets nodeName and restartPolicy.'),
});
export type PodTemplate = z.infer<typeof PodTemplate>;
