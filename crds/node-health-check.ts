import { z } from 'zod';
import { CheckResults, CheckVerdict, PodTemplate } from './health-check.ts';
import type { ResourceType } from './object.ts';
import { objectSchema, type CustomObject } from './object-schema.ts';
import { immutable, rule } from './rules.ts';
import { Count, Generation, LabelSelector, ObjectName, OriginalConditions, Time } from './schema.ts';

export const NodeHealthCheckSpec = z.object({
  node: immutable(ObjectName, 'a check is about one node: create another AegisNodeHealthCheck').describe(
    'The node to check.',
  ),
  ruleConfigmapSelector: LabelSelector.optional().describe(
    'ConfigMaps with the rules and scripts, by their labels. An empty selector selects none.',
  ),
  template: PodTemplate.describe('The pod that runs the checks on the node, as a PodTemplateSpec with one container.'),
  timeout: z.int32().min(1).optional().describe('Seconds after which the check is given up. Default: 1800.'),
});
export type NodeHealthCheckSpec = z.infer<typeof NodeHealthCheckSpec>;

const Summary = z.object({
  pass: Count.optional().describe('Items that were checked and are fine.'),
  fail: Count.optional().describe('Items with a problem.'),
  skip: Count.optional().describe('Items that could not be checked here, on purpose.'),
  error: Count.optional().describe('Items whose check itself failed.'),
  unknown: Count.optional().describe('Items without an answer.'),
});

export const NodeHealthCheckStatus = z.object({
  observedGeneration: Generation.optional().describe('The `metadata.generation` that was looked at.'),
  status: z
    .enum(['Unknown', 'Pending', 'Checking', 'Failed', 'Succeeded'])
    .optional()
    .describe('How far it is; Succeeded says that it ran, `verdict` what it found.'),
  verdict: CheckVerdict.optional().describe('How the node is.'),
  startTime: Time.optional().describe('When it began.'),
  completionTime: Time.optional().describe('When it was done.'),
  summary: Summary.optional().describe('Items by outcome.'),
  results: CheckResults.optional().describe('Items by module.'),
  podRef: z
    .object({ name: ObjectName.describe('Name of the pod, in the namespace of the check.') })
    .optional()
    .describe('The pod that runs the checks.'),
  conditions: OriginalConditions.optional().describe(
    'SucceededCreatePod, FailedCreatePod, Checking, Succeed, Failed and FailedFetchResult, as in the original.',
  ),
});
export type NodeHealthCheckStatus = z.infer<typeof NodeHealthCheckStatus>;

export const AegisNodeHealthCheck = rule(
  objectSchema('AegisNodeHealthCheck', {
    spec: NodeHealthCheckSpec.describe('What to check.'),
    status: NodeHealthCheckStatus.optional().describe('What was found.'),
  }).describe('One check of one node, by scripts that run in a pod on it.'),
  {
    rule: 'oldSelf.hasValue() || size(self.metadata.name) <= 63',
    optionalOldSelf: true,
    message: 'metadata.name must have at most 63 characters, because it labels the pod',
  },
  ({ metadata }) => (metadata.name ?? '').length <= 63,
);
/** One check of one node. */
export type AegisNodeHealthCheck = CustomObject<'AegisNodeHealthCheck', NodeHealthCheckSpec, NodeHealthCheckStatus>;

export const aegisNodeHealthChecks: ResourceType<AegisNodeHealthCheck> = {
  group: 'aegis.io',
  version: 'v1alpha1',
  plural: 'aegisnodehealthchecks',
  kind: 'AegisNodeHealthCheck',
  namespaced: true,
};
