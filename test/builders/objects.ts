import type { AegisAlert, AlertSpec, AlertStatus } from '../../crds/alert.ts';
import type { ObjectMeta } from '../../crds/object.ts';
import type { AegisAlertOpsRule, AlertOpsRuleSpec } from '../../crds/ops-rule.ts';
import type { AegisOpsTemplate, OpsTemplateSpec } from '../../crds/ops-template.ts';
import type { AegisRemediation, RemediationSpec, RemediationStatus } from '../../crds/remediation.ts';
import type { AegisRemediationPolicy, RemediationPolicySpec } from '../../crds/remediation-policy.ts';
import type { RemediationPolicyStatus } from '../../crds/remediation-policy-status.ts';
import type { Workflow } from '../../crds/workflow.ts';

/** The moment at which all tests with a fake clock begin. */
export const noon = new Date('2026-01-02T12:00:00Z');

/** `noon` and some seconds. */
export function after(seconds: number): Date {
  return new Date(noon.getTime() + seconds * 1000);
}

const created = '2026-01-02T12:00:00Z';

interface Overrides<Spec, Status> {
  metadata?: Partial<ObjectMeta>;
  spec?: Partial<Spec>;
  status?: Status;
}

/** A firing alert about node dev1, as the API server returns it. */
export function anAlert({ metadata, spec, status }: Overrides<AlertSpec, AlertStatus> = {}): AegisAlert {
  return {
    apiVersion: 'aegis.io/v1alpha1',
    kind: 'AegisAlert',
    metadata: {
      name: 'default-disk-0123456789',
      namespace: 'monitoring',
      uid: 'alert-1',
      creationTimestamp: created,
      ...metadata,
    },
    spec: {
      source: 'default',
      type: 'NodeDiskFull',
      status: 'Firing',
      fingerprint: 'f1',
      involvedObject: { kind: 'Node', name: 'dev1' },
      details: { node: 'dev1' },
      trust: 'Parsed',
      ...spec,
    },
    status: { count: 1, ...status },
  };
}

/** A rule for NodeDiskFull that starts monitoring/cordon. */
export function aRule({ metadata, spec }: Overrides<AlertOpsRuleSpec, never> = {}): AegisAlertOpsRule {
  return {
    apiVersion: 'aegis.io/v1alpha1',
    kind: 'AegisAlertOpsRule',
    metadata: { name: 'disk', namespace: 'monitoring', uid: 'rule-1', generation: 3, ...metadata },
    spec: {
      alertConditions: [{ type: 'NodeDiskFull', status: 'Firing' }],
      opsTemplate: {
        kind: 'AegisOpsTemplate',
        apiVersion: 'aegis.io/v1alpha1',
        namespace: 'monitoring',
        name: 'cordon',
      },
      priority: 0,
      enabled: true,
      ...spec,
    },
  };
}

const cordon = `
apiVersion: argoproj.io/v1alpha1
kind: Workflow
spec:
  serviceAccountName: aegis-workflow
  entrypoint: start
  templates:
  - name: start
    container:
      image: bitnami/kubectl:latest
      command: [/bin/bash, -c, 'kubectl cordon {{.node}}']
`;

/** A template that cordons the alert's node. */
export function aTemplate({ metadata, spec }: Overrides<OpsTemplateSpec, never> = {}): AegisOpsTemplate {
  return {
    apiVersion: 'aegis.io/v1alpha1',
    kind: 'AegisOpsTemplate',
    metadata: { name: 'cordon', namespace: 'monitoring', uid: 'template-1', generation: 7, ...metadata },
    spec: { manifest: cordon, risk: 'Reversible', timeout: '1h', ...spec },
  };
}

/** An attempt for `anAlert()` that no worker has looked at yet. */
export function aRemediation({
  metadata,
  spec,
  status,
}: Overrides<RemediationSpec, RemediationStatus> = {}): AegisRemediation {
  return {
    apiVersion: 'aegis.io/v1alpha1',
    kind: 'AegisRemediation',
    metadata: {
      name: 'default-disk-0123456789-abcde',
      namespace: 'monitoring',
      uid: 'remediation-1',
      creationTimestamp: created,
      ...metadata,
    },
    spec: {
      alertRef: { name: 'default-disk-0123456789', uid: 'alert-1' },
      ruleRef: { name: 'disk', namespace: 'monitoring', generation: 3 },
      templateRef: { name: 'cordon', namespace: 'monitoring', generation: 7 },
      alertStatus: 'Firing',
      attempt: 1,
      manifest: '{}',
      manifestHash: `sha256:${'0'.repeat(64)}`,
      risk: 'Reversible',
      requestedBy: { username: 'aegis', via: 'rule' },
      ...spec,
    },
    ...(status === undefined ? {} : { status }),
  };
}

/** A policy about everything that asks for nothing. */
export function aPolicy({
  metadata,
  spec,
  status,
}: Overrides<RemediationPolicySpec, RemediationPolicyStatus> = {}): AegisRemediationPolicy {
  return {
    apiVersion: 'aegis.io/v1alpha1',
    kind: 'AegisRemediationPolicy',
    metadata: { name: 'everything', uid: 'policy-1', generation: 1, creationTimestamp: created, ...metadata },
    spec: { onResolve: 'LetFinish', ...spec },
    ...(status === undefined ? {} : { status }),
  };
}

/** The Workflow of `aRemediation()`. */
export function aWorkflow(
  status: Workflow['status'] = {},
  metadata: Partial<ObjectMeta> = {},
  spec: Workflow['spec'] = {},
): Workflow {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: {
      name: 'default-disk-0123456789-abcde',
      namespace: 'monitoring',
      uid: 'workflow-1',
      creationTimestamp: created,
      ownerReferences: [
        {
          apiVersion: 'aegis.io/v1alpha1',
          kind: 'AegisRemediation',
          name: 'default-disk-0123456789-abcde',
          uid: 'remediation-1',
        },
      ],
      ...metadata,
    },
    spec,
    status,
  };
}
