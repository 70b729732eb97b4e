import { z } from 'zod';
import { CheckResults, CheckVerdict, PodTemplate } from './health-check.ts';
import type { ResourceType } from './object.ts';
import { objectSchema, type CustomObject } from './object-schema.ts';
import { immutable, rule } from './rules.ts';
import { Count, Generation, LabelSelector, ObjectName, OriginalConditions, Time } from './schema.ts';

export const NodeHealthCheckSpec = z.object({
  node: immutable(ObjectName, 'node is immutable: create another AegisNodeHealthCheck for another node').describe(
    'Name of the node to check.',
  ),
  ruleConfigmapSelector: LabelSelector.optional().describe(
    'Labels of the ConfigMaps that hold the rules and scripts. An empty selector selects none.',
  ),
  template: PodTemplate.describe('Pod that runs the checks on the node, as a PodTemplateSpec with one container.'),
  timeout: z.int32().min(1).optional().describe('Seconds after which the check is aborted. Default: 1800.'),
});
export type NodeHealthCheckSpec = z.infer<typeof NodeHealthCheckSpec>;

const Summary = z.object({
  pass: Count.optional().describe('Number of items that passed.'),
  fail: Count.optional().describe('Number of items with a problem.'),
  skip: Count.optional().describe('Number of items that do not apply to the node.'),
  error: Count.optional().describe('Number of items whose check failed to run.'),
  unknown: Count.optional().describe('Number of items without a result.'),
});

export const NodeHealthCheckStatus = z.object({
  observedGeneration: Generation.optional().describe('The `metadata.generation` that this status describes.'),
  status: z
    .enum(['Unknown', 'Pending', 'Checking', 'Failed', 'Succeeded'])
    .optional()
    .describe('Progress of the check. Succeeded means that it completed; see `verdict` for its result.'),
  verdict: CheckVerdict.optional().describe('Health of the node.'),
  startTime: Time.optional().describe('Start of the check.'),
  completionTime: Time.optional().describe('End of the check.'),
  summary: Summary.optional().describe('Number of items by outcome.'),
  results: CheckResults.optional().describe('Items by module.'),
  podRef: z
    .object({ name: ObjectName.describe('Name of the pod, in the namespace of the check.') })
    .optional()
    .describe('Pod that runs the checks.'),
  conditions: OriginalConditions.optional().describe(
    'Conditions SucceededCreatePod, FailedCreatePod, Checking, Succeed, Failed and FailedFetchResult, as in the original.',
  ),
});
export type NodeHealthCheckStatus = z.infer<typeof NodeHealthCheckStatus>;

export const AegisNodeHealthCheck = rule(
  objectSchema('AegisNodeHealthCheck', {
    spec: NodeHealthCheckSpec.describe('Node to check, and how.'),
    status: NodeHealthCheckStatus.optional().describe('Result of the check.'),
  }).describe('AegisNodeHealthCheck is one check of one node, by scripts that run in a pod on the node.'),
  {
    rule: 'oldSelf.hasValue() || size(self.metadata.name) <= 63',
    optionalOldSelf: true,
    message: 'metadata.name must have at most 63 characters, because it is a label value',
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
