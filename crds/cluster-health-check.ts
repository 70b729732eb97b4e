import { z } from 'zod';
import { CheckResults, CheckVerdict, PodTemplate } from './health-check.ts';
import type { ResourceType } from './object.ts';
import { objectSchema, type CustomObject } from './object-schema.ts';
import { rule } from './rules.ts';
import { Count, Generation, LabelSelector, list, ObjectName, OriginalConditions, Time } from './schema.ts';

/** Five fields, or @daily and its like, with the time zone in front if need be; the empty text runs once. */
const Schedule = z
  .string()
  .max(256)
  .regex(
    /^[ \t]*((CRON_TZ|TZ)=[A-Za-z0-9_+/-]+[ \t]+)?(@[a-z]+([ \t]+[0-9a-z.]+)?|([0-9A-Za-z*?/,-]+[ \t]+){4}[0-9A-Za-z*?/,-]+)[ \t]*$|^$/,
  );

const ClusterHealthCheckFields = z.object({
  schedule: Schedule.optional().describe('When to run, as cron with five fields or @daily and its like. Absent: once.'),
  timeZone: z
    .string()
    .max(64)
    .regex(/^[A-Za-z0-9_+/-]+$/)
    .optional()
    .describe('IANA name of the time zone of `schedule`, such as Europe/Berlin. Default: UTC.'),
  suspend: z.boolean().default(false).describe('true: no new run is started.'),
  concurrencyPolicy: z
    .enum(['Allow', 'Forbid', 'Replace'])
    .default('Forbid')
    .describe('What happens when a run is due and the one before is not done.'),
  historyLimit: z.int32().min(0).max(50).default(5).describe('How many past runs the status keeps.'),
  parallelism: z.int32().min(1).max(10000).default(20).describe('How many nodes are checked at the same time.'),
  timeout: Count.optional().describe('Seconds after which a run is given up; 0 or absent: 1800 per node.'),
  ruleConfigmapSelector: LabelSelector.optional().describe(
    'ConfigMaps with the rules and scripts, by their labels. An empty selector selects none.',
  ),
  template: PodTemplate.describe(
    'The pod that runs the checks, as a PodTemplateSpec with one container; its node selector, affinity and tolerations ' +
      'choose the nodes.',
  ),
});

export const ClusterHealthCheckSpec = rule(
  ClusterHealthCheckFields,
  {
    rule: "!has(self.timeZone) || !has(self.schedule) || !self.schedule.contains('TZ=')",
    message: 'give the time zone once: in timeZone or in schedule',
    fieldPath: '.timeZone',
  },
  ({ timeZone, schedule }) => timeZone === undefined || schedule?.includes('TZ=') !== true,
);
export type ClusterHealthCheckSpec = z.infer<typeof ClusterHealthCheckSpec>;

const NodeResult = z.object({
  name: ObjectName.describe('Name of the node.'),
  verdict: CheckVerdict.optional().describe('How the node is.'),
  resultInfos: CheckResults.optional().describe('Items by module; of a healthy node only the counts are kept.'),
});

/** What a run came to; the four verdicts add up to `desired`. */
const counts = {
  desired: Count.default(0).describe('Nodes to check.'),
  healthy: Count.optional().describe('Nodes that are healthy.'),
  unhealthy: Count.optional().describe('Nodes with a problem.'),
  unknown: Count.optional().describe('Nodes without an answer.'),
  skipped: Count.optional().describe('Nodes that were left out on purpose.'),
};

const PastRun = z.object({
  startTime: Time.describe('When it began.'),
  completionTime: Time.optional().describe('When it was done.'),
  phase: z.enum(['Failed', 'Completed']).describe('How it ended.'),
  ...counts,
});

export const ClusterHealthCheckStatus = z.object({
  observedGeneration: Generation.optional().describe('The `metadata.generation` that was looked at.'),
  phase: z.enum(['Unknown', 'Pending', 'Checking', 'Failed', 'Completed']).optional().describe('How far the run is.'),
  startTime: Time.optional().describe('When the run began.'),
  completionTime: Time.optional().describe('When the run was done.'),
  lastScheduleTime: Time.optional().describe('When a run was due the last time.'),
  nextScheduleTime: Time.optional().describe('When a run is due the next time.'),
  ...counts,
  active: Count.default(0).describe('Nodes that are being checked.'),
  succeeded: Count.default(0).describe('Nodes whose check ran to its end, whatever it found.'),
  failed: Count.default(0).describe('Nodes whose check did not run to its end.'),
  checkResults: z
    .object({
      checkType: z.literal('Node').optional().describe('Node; there is no other.'),
      results: list(NodeResult, 5000).optional().describe('Nodes that are not healthy, with what was found.'),
    })
    .optional()
    .describe('What was found.'),
  history: list(PastRun, 50).optional().describe('Past runs, newest first.'),
  conditions: OriginalConditions.optional().describe(
    'SucceededCreateNodeCheck, FailedCreateNodeCheck, Checking and Completed, as in the original.',
  ),
});
export type ClusterHealthCheckStatus = z.infer<typeof ClusterHealthCheckStatus>;

export const AegisClusterHealthCheck = rule(
  objectSchema('AegisClusterHealthCheck', {
    spec: ClusterHealthCheckSpec.describe('What to check, where and when.'),
    status: ClusterHealthCheckStatus.optional().describe('What was found.'),
  }).describe('Checks of many nodes, once or on a schedule.'),
  {
    rule: 'oldSelf.hasValue() || size(self.metadata.name) <= 52',
    optionalOldSelf: true,
    message: 'metadata.name must have at most 52 characters, so that the checks of its nodes can be named after it',
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
