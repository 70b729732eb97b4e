import type { AegisAlert } from '../crds/alert.ts';
import { apiVersionOf, type OwnerReference } from '../crds/object.ts';
import { aegisAlerts } from '../crds/alert.ts';
import { labels, workflowFinalizer } from '../crds/labels.ts';
import { remediationName } from '../crds/names.ts';
import type { AegisAlertOpsRule } from '../crds/ops-rule.ts';
import type { AegisOpsTemplate } from '../crds/ops-template.ts';
import type { AegisRemediation, RemediationSpec } from '../crds/remediation.ts';
import { manifestHash, renderTemplate, workflowManifest } from './render/index.ts';

/** Who asks for an attempt that a rule starts. */
const requester = { username: 'aegis', via: 'rule' } as const;

export interface PlanInput {
  alert: AegisAlert;
  rule: AegisAlertOpsRule;
  template: AegisOpsTemplate;
  /** 1 for the first. */
  attempt: number;
}

export type PlanResult = { ok: true; remediation: AegisRemediation } | { ok: false; message: string };

/** Renders a template for an alert into the attempt that would be made; pure, nothing is created. */
export function planRemediation({ alert, rule, template, attempt }: PlanInput): PlanResult {
  const rendered = renderTemplate({ alert, template });
  if (!rendered.ok) return { ok: false, message: rendered.problems.map(({ message }) => message).join('; ') };
  const namespace = alert.metadata.namespace ?? '';
  const uid = alert.metadata.uid ?? '';
  const ruleRef = originOf(rule);
  const templateRef = originOf(template);
  const name = remediationName(
    { name: alert.metadata.name, uid },
    { rule: nameOf(ruleRef), template: nameOf(templateRef), attempt },
  );
  const shared = sharedLabels(alert, rule, attempt);
  const manifest = workflowManifest(rendered.workflow, {
    name,
    namespace: template.spec.namespace ?? namespace,
    labels: { ...shared, [labels.remediation]: name, [labels.remediationNamespace]: namespace },
    finalizers: [workflowFinalizer],
  });
  const target = targetOf(alert);
  const spec: RemediationSpec = {
    alertRef: { name: alert.metadata.name, uid },
    ruleRef,
    templateRef,
    ...(target === undefined ? {} : { target }),
    alertStatus: alert.spec.status === 'Firing' ? 'Firing' : 'Resolved',
    attempt,
    manifest,
    manifestHash: manifestHash(manifest),
    risk: template.spec.risk,
    requestedBy: requester,
  };
  return {
    ok: true,
    remediation: {
      apiVersion: 'aegis.io/v1alpha1',
      kind: 'AegisRemediation',
      metadata: { name, namespace, labels: shared, ownerReferences: [ownerOf(alert)] },
      spec,
    },
  };
}

/** The attempts of an alert go with it. */
function ownerOf({ metadata }: AegisAlert): OwnerReference {
  return {
    apiVersion: apiVersionOf(aegisAlerts),
    kind: aegisAlerts.kind,
    name: metadata.name,
    uid: metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: false,
  };
}

function originOf({ metadata }: AegisAlertOpsRule | AegisOpsTemplate): RemediationSpec['templateRef'] {
  return { name: metadata.name, namespace: metadata.namespace ?? '', generation: metadata.generation ?? 0 };
}

function nameOf({ namespace, name }: RemediationSpec['templateRef']): string {
  return `${namespace}/${name}`;
}

function targetOf({ spec }: AegisAlert): RemediationSpec['target'] {
  const { kind, name, namespace, node } = spec.involvedObject ?? {};
  if (kind !== undefined || name !== undefined) {
    return { ...(kind && { kind }), ...(name && { name }), ...(namespace && { namespace }) };
  }
  return node === undefined ? undefined : { kind: 'Node', name: node };
}

function sharedLabels(alert: AegisAlert, rule: AegisAlertOpsRule, attempt: number): Record<string, string> {
  // Names may be longer than a label's value; the reference in spec is the truth, the label only a convenience.
  const ruleLabel = rule.metadata.name.length <= 63 ? { [labels.rule]: rule.metadata.name } : {};
  return {
    [labels.managedBy]: 'aegis',
    [labels.alert]: alert.metadata.name,
    [labels.attempt]: String(attempt),
    ...ruleLabel,
  };
}
