import type { AlertPorts } from './alert/ports.ts';
import type { RulePorts } from './rule/reconcile.ts';
import type { AegisAlert } from '../crds/alert.ts';
import type { AegisAlertOpsRule } from '../crds/ops-rule.ts';
import type { AegisOpsTemplate } from '../crds/ops-template.ts';
import type { AegisRemediation } from '../crds/remediation.ts';
import type { ResourceClient } from '../kube/client/resources.ts';
import { writeStatus } from '../kube/client/status.ts';
import type { RemediationPorts } from './remediation/ports.ts';
import { ownFields } from '../remediation/attempts/status.ts';
import type { TemplatePorts } from './template/reconcile.ts';

/** The field manager of the worker. */
export const fieldManager = 'aegis-worker';

/** The ingest counts in the same status, many times a second: a change of its fields must not get into our way. */
export function alertStatusWriter(client: ResourceClient<AegisAlert>): AlertPorts['writeStatus'] {
  const owns = ['status', 'startTime', 'conditions', 'opsStatus', 'remediations'] as const;
  return async (alert, status) => {
    await writeStatus(client, alert, { ...status } as NonNullable<AegisAlert['status']>, {
      fieldManager,
      owns,
      ifUnchanged: false,
    });
  };
}

/** Only onto what was read: a worker that slept for minutes must not put an old phase over a newer one. */
export function remediationStatusWriter(client: ResourceClient<AegisRemediation>): RemediationPorts['writeStatus'] {
  return async (remediation, status) => {
    await writeStatus(client, remediation, status, { fieldManager, owns: ownFields });
  };
}

/** The counters in the same status are written apart; see rule-usage.ts. */
export function ruleStatusWriter(client: ResourceClient<AegisAlertOpsRule>): RulePorts['writeStatus'] {
  return async (rule, status) => {
    await writeStatus(client, rule, status, { fieldManager, owns: ['conditions'], ifUnchanged: false });
  };
}

export function templateStatusWriter(client: ResourceClient<AegisOpsTemplate>): TemplatePorts['writeStatus'] {
  return async (template, status) => {
    await writeStatus(client, template, status, {
      fieldManager,
      owns: ['conditions', 'variables'],
      ifUnchanged: false,
    });
  };
}
