import { AegisAlert, aegisAlerts } from './alert.ts';
import { AegisChatUser, aegisChatUsers } from './chat-user.ts';
import { AegisClusterHealthCheck, aegisClusterHealthChecks } from './cluster-health-check.ts';
import type { Column, KindDefinition } from './definition.ts';
import { AegisDiagnosis, aegisDiagnosises } from './diagnosis.ts';
import { AegisNodeHealthCheck, aegisNodeHealthChecks } from './node-health-check.ts';
import { AegisAlertOpsRule, aegisAlertOpsRules } from './ops-rule.ts';
import { AegisOpsTemplate, aegisOpsTemplates } from './ops-template.ts';
import { AegisRemediation, aegisRemediations } from './remediation.ts';
import { AegisRemediationPolicy, aegisRemediationPolicies } from './remediation-policy.ts';

const age: Column = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };

function text(name: string, jsonPath: string): Column {
  return { name, type: 'string', jsonPath };
}

function count(name: string, jsonPath: string): Column {
  return { name, type: 'integer', jsonPath };
}

/** Shown by `-o wide` only. */
function wide(column: Column): Column {
  return { ...column, priority: 1 };
}

/** Status and reason of the condition Ready. */
const ready: Column[] = [
  text('Ready', '.status.conditions[?(@.type=="Ready")].status'),
  wide(text('Reason', '.status.conditions[?(@.type=="Ready")].reason')),
];

/** Every kind of Aegis; the first columns of AegisAlert are the original's, in its order. */
export const kinds: readonly KindDefinition[] = [
  {
    resource: aegisAlerts,
    schema: AegisAlert,
    shortNames: ['aal'],
    columns: [
      text('Type', '.spec.type'),
      text('Kind', '.spec.involvedObject.kind'),
      text('Name', '.spec.involvedObject.name'),
      text('Status', '.spec.status'),
      count('Count', '.status.count'),
      text('Trigger', '.status.opsStatus.triggerStatus'),
      text('Ops', '.status.opsStatus.alertOpsStatus'),
      age,
      wide(text('Severity', '.spec.severity')),
      wide(text('Source', '.spec.source')),
      wide(text('Node', '.spec.involvedObject.node')),
    ],
    selectableFields: [
      '.spec.type',
      '.spec.status',
      '.spec.severity',
      '.spec.fingerprint',
      '.spec.involvedObject.kind',
      '.spec.involvedObject.name',
      '.spec.involvedObject.node',
    ],
  },
  {
    resource: aegisAlertOpsRules,
    schema: AegisAlertOpsRule,
    shortNames: ['aor'],
    columns: [
      text('Template', '.spec.opsTemplate.name'),
      { name: 'Enabled', type: 'boolean', jsonPath: '.spec.enabled' },
      ...ready,
      count('Matched', '.status.matched'),
      count('Triggered', '.status.triggered'),
      { name: 'Last match', type: 'date', jsonPath: '.status.lastMatchTime' },
      age,
      wide(count('Priority', '.spec.priority')),
    ],
    selectableFields: ['.spec.opsTemplate.name', '.spec.opsTemplate.namespace', '.spec.enabled'],
  },
  {
    resource: aegisOpsTemplates,
    schema: AegisOpsTemplate,
    shortNames: ['aot'],
    columns: [
      text('Risk', '.spec.risk'),
      text('Timeout', '.spec.timeout'),
      ...ready,
      age,
      wide(text('Namespace of Workflows', '.spec.namespace')),
    ],
    selectableFields: ['.spec.risk'],
  },
  {
    resource: aegisRemediations,
    schema: AegisRemediation,
    shortNames: ['arm'],
    columns: [
      text('Alert', '.spec.alertRef.name'),
      text('Template', '.spec.templateRef.name'),
      count('Attempt', '.spec.attempt'),
      text('Phase', '.status.phase'),
      text('Reason', '.status.reason'),
      age,
      wide(text('Risk', '.spec.risk')),
      wide(text('Target', '.spec.target.name')),
      wide(text('Requested by', '.spec.requestedBy.username')),
      wide(text('Message', '.status.message')),
    ],
    selectableFields: [
      '.spec.alertRef.name',
      '.spec.ruleRef.name',
      '.spec.templateRef.name',
      '.spec.target.kind',
      '.spec.target.name',
      '.status.phase',
    ],
  },
  {
    resource: aegisRemediationPolicies,
    schema: AegisRemediationPolicy,
    shortNames: ['arp'],
    columns: [
      count('Approvals', '.spec.approval.required'),
      text('Max unhealthy', '.spec.budget.maxUnhealthy'),
      count('Unhealthy', '.status.budget.unhealthy'),
      count('Running', '.status.budget.running'),
      { name: 'Paused', type: 'boolean', jsonPath: '.status.paused' },
      text('Breaker', '.status.breakers[*].state'),
      ...ready,
      age,
      wide({ name: 'Dry run', type: 'boolean', jsonPath: '.spec.dryRun' }),
    ],
    selectableFields: [],
  },
  {
    resource: aegisDiagnosises,
    schema: AegisDiagnosis,
    shortNames: ['adg'],
    columns: [
      text('Kind', '.spec.object.kind'),
      text('Name', '.spec.object.name'),
      text('Phase', '.status.phase'),
      text('Verdict', '.status.verdict'),
      text('Cause', '.status.rootCause.code'),
      age,
      wide(text('Confidence', '.status.rootCause.confidence')),
    ],
    selectableFields: ['.spec.object.kind', '.spec.object.name', '.spec.object.namespace', '.status.phase'],
  },
  {
    resource: aegisNodeHealthChecks,
    schema: AegisNodeHealthCheck,
    shortNames: ['anhc'],
    columns: [
      text('Node', '.spec.node'),
      text('Status', '.status.status'),
      text('Verdict', '.status.verdict'),
      count('Failed', '.status.summary.fail'),
      age,
      wide(count('Unknown', '.status.summary.unknown')),
      wide(text('Pod', '.status.podRef.name')),
      wide({ name: 'Done', type: 'date', jsonPath: '.status.completionTime' }),
    ],
    selectableFields: ['.spec.node', '.status.status', '.status.verdict'],
  },
  {
    resource: aegisClusterHealthChecks,
    schema: AegisClusterHealthCheck,
    shortNames: ['achc'],
    columns: [
      text('Schedule', '.spec.schedule'),
      count('Desired', '.status.desired'),
      count('Active', '.status.active'),
      count('Succeeded', '.status.succeeded'),
      count('Failed', '.status.failed'),
      count('Unhealthy', '.status.unhealthy'),
      text('Phase', '.status.phase'),
      age,
      wide({ name: 'Suspended', type: 'boolean', jsonPath: '.spec.suspend' }),
      wide({ name: 'Last run', type: 'date', jsonPath: '.status.lastScheduleTime' }),
    ],
    selectableFields: ['.status.phase'],
  },
  {
    resource: aegisChatUsers,
    schema: AegisChatUser,
    shortNames: ['acu'],
    columns: [
      text('Slack user', '.spec.slack.userID'),
      text('User', '.spec.kubernetes.username'),
      { name: 'Linked', type: 'date', jsonPath: '.spec.linkedAt' },
      { name: 'Last used', type: 'date', jsonPath: '.status.lastUsedTime' },
      wide(text('Slack team', '.spec.slack.teamID')),
    ],
    selectableFields: ['.spec.slack.userID', '.spec.kubernetes.username'],
  },
];
