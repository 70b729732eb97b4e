import { z } from 'zod';
import { CheckResults, CheckVerdict, PodTemplate } from './health-check.ts';
import type { ResourceType } from './object.ts';
import { objectSchema, type CustomObject } from './object-schema.ts';
import { rule } from './rules.ts';
import { Count, Generation, LabelSelector, list, ObjectName, OriginalConditions, Time } from './schema.ts';

/** A cron expression of five fields or a macro such as @daily, with an optional time zone; empty runs once. */
const Schedule = z
  .string()
  .max(256)
  .regex(
    /^[ \t]*((CRON_TZ|TZ)=[A-Za-z0-9_+/-]+[ \t]+)?(@[a-z]+([ \t]+[0-9a-z.]+)?|([0-9A-Za-z*?/,-]+[ \t]+){4}[0-9A-Za-z*?/,-]+)[ \t]*$|^$/,
  );

const ClusterHealthCheckFields = z.object({
  schedule: Schedule.optional().describe(
    'Cron expression with five fields, or a macro such as @daily. Default: run once.',
  ),
  timeZone: z
    .string()
    .max(64)
    .regex(/^[A-Za-z0-9_+/-]+$/)
    .optional()
    .describe('IANA name of the time zone of `schedule`, such as Europe/Berlin. Default: UTC.'),
  suspend: z.boolean().default(false).describe('If true, no new run starts.'),
  concurrencyPolicy: z
    .enum(['Allow', 'Forbid', 'Replace'])
    .default('Forbid')
    .describe('What to do when a run is due and the previous one has not ended.'),
  historyLimit: z.int32().min(0).max(50).default(5).describe('Number of past runs that the status keeps.'),
  parallelism: z.int32().min(1).max(10000).default(20).describe('Number of nodes that are checked at the same time.'),
  timeout: Count.optional().describe('Seconds after which a run is aborted. Default, also for 0: 1800 per node.'),
  ruleConfigmapSelector: LabelSelector.optional().describe(
    'Labels of the ConfigMaps that hold the rules and scripts. An empty selector selects none.',
  ),
  template: PodTemplate.describe(
    'Pod that runs the checks, as a PodTemplateSpec with one container; its node selector, affinity and tolerations ' +
      'select the nodes.',
  ),
});

export const ClusterHealthCheckSpec = rule(
  ClusterHealthCheckFields,
  {
    rule: "!has(self.timeZone) || !has(self.schedule) || !self.schedule.contains('TZ=')",
    message: 'set the time zone in timeZone or in schedule, not in both',
    fieldPath: '.timeZone',
  },
  ({ timeZone, schedule }) => timeZone === undefined || schedule?.includes('TZ=') !== true,
);
export type ClusterHealthCheckSpec = z.infer<typeof ClusterHealthCheckSpec>;

const NodeResult = z.object({
  name: ObjectName.describe('Name of the node.'),
  verdict: CheckVerdict.optional().describe('Health of the node.'),
  resultInfos: CheckResults.optional().describe('Items by module; only the counts are kept for a healthy node.'),
});

/** Results of a run; the four verdicts add up to `desired`. */
const counts = {
  desired: Count.default(0).describe('Number of nodes to check.'),
  healthy: Count.optional().describe('Number of healthy nodes.'),
  unhealthy: Count.optional().describe('Number of nodes with a problem.'),
  unknown: Count.optional().describe('Number of nodes without a result.'),
  skipped: Count.optional().describe('Number of nodes that were skipped.'),
};

const PastRun = z.object({
  startTime: Time.describe('Start of the run.'),
  completionTime: Time.optional().describe('End of the run.'),
  phase: z.enum(['Failed', 'Completed']).describe('Result of the run.'),
  ...counts,
});

export const ClusterHealthCheckStatus = z.object({
  observedGeneration: Generation.optional().describe('The `metadata.generation` that this status describes.'),
  phase: z
    .enum(['Unknown', 'Pending', 'Checking', 'Failed', 'Completed'])
    .optional()
    .describe('Phase of the current or last run.'),
  startTime: Time.optional().describe('Start of the current or last run.'),
  completionTime: Time.optional().describe('End of the last run.'),
  lastScheduleTime: Time.optional().describe('Time at which a run was last due.'),
  nextScheduleTime: Time.optional().describe('Time at which the next run is due.'),
  ...counts,
  active: Count.default(0).describe('Number of nodes whose check is in progress.'),
  succeeded: Count.default(0).describe('Number of nodes whose check completed, with any result.'),
  failed: Count.default(0).describe('Number of nodes whose check did not complete.'),
  checkResults: z
    .object({
      checkType: z.literal('Node').optional().describe('Node, the only supported value.'),
      results: list(NodeResult, 5000).optional().describe('Nodes that are not healthy, with their results.'),
    })
    .optional()
    .describe('Results of the check.'),
  history: list(PastRun, 50).optional().describe('Past runs, newest first.'),
  conditions: OriginalConditions.optional().describe(
    'Conditions SucceededCreateNodeCheck, FailedCreateNodeCheck, Checking and Completed, as in the original.',
  ),
});
export type ClusterHealthCheckStatus = z.infer<typeof ClusterHealthCheckStatus>;

export const AegisClusterHealthCheck = rule(
  objectSchema('AegisClusterHealthCheck', {
    spec: ClusterHealthCheckSpec.describe('Checks, nodes and schedule.'),
    status: ClusterHealthCheckStatus.optional().describe('Results of the check.'),
  }).describe('AegisClusterHealthCheck checks many nodes, once or on a schedule.'),
  {
    rule: 'oldSelf.hasValue() || size(self.metadata.name) <= 52',
    optionalOldSelf: true,
    message: 'metadata.name must have at most 52 characters, because names of node checks extend it',
  },
  ({ metadata }) => (metadata.name ?? '').length <= 52,
);
/** Checks of many nodes, once or on a schedule. */
export type AegisClusterHealthCheck = CustomObject<
  'AegisClusterHealthCheck',
  ClusterHealthCheckSpec,
  ClusterHealthCheckStatus
>;

export const aegisClusterHealthChecks: ResourceType<AegisClusterHealthCheck> = {
  group: 'aegis.io',
  version: 'v1alpha1',
  plural: 'aegisclusterhealthchecks',
  kind: 'AegisClusterHealthCheck',
  namespaced: true,
};
