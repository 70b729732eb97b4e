import type { AegisAlert } from '../crds/alert.ts';
import { apiVersionOf, type OwnerReference } from '../crds/object.ts';
import { aegisAlerts } from '../crds/alert.ts';
import { labels, workflowFinalizer } from '../crds/labels.ts';
import { remediationName } from '../crds/names.ts';
import type { AegisAlertOpsRule } from '../crds/ops-rule.ts';
import type { AegisOpsTemplate } from '../crds/ops-template.ts';
import type { AegisRemediation, RemediationSpec, Requester } from '../crds/remediation.ts';
import { oncePerObject } from '../alerts/once-per-object.ts';
import { compileTemplate, manifestHash, renderTemplate, workflowManifest, type RenderProblem } from './render/index.ts';

/** Who asks for an attempt that a rule starts. */
const byRule: Requester = { username: 'aegis', via: 'rule' };

export interface PlanInput {
  alert: AegisAlert;
  /** Absent when a person asks for the template itself. */
  rule?: AegisAlertOpsRule | undefined;
  template: AegisOpsTemplate;
  /** 1 for the first. */
  attempt: number;
  /** Who asks. Default: the rule by itself. */
  requestedBy?: Requester | undefined;
  /** Values that a person gives; they win over the alert's. */
  parameters?: Record<string, string> | undefined;
  /** Default: derived from all of the above that tells one attempt from another. */
  name?: string | undefined;
  /** What else is kept about the request. */
  annotations?: Record<string, string> | undefined;
  /** Recorded, but never submitted. */
  dryRun?: boolean | undefined;
}

export type PlanResult =
  | { ok: true; remediation: AegisRemediation; warnings: string[] }
  | { ok: false; message: string; problems: RenderProblem[] };

export type Planner = (input: PlanInput) => PlanResult;

/** Plans attempts and reads each version of a template once. */
export function createPlanner(): Planner {
  const compile = oncePerObject(compileTemplate);
  return (input) => planRemediation(input, compile);
}

/** Renders a template for an alert into the attempt that would be made; pure, nothing is created. */
export function planRemediation(input: PlanInput, compile = compileTemplate): PlanResult {
  const { alert, template, parameters } = input;
  const rendered = renderTemplate({ alert, template, ...(parameters && { parameters }) }, compile);
  if (!rendered.ok) {
    const { problems } = rendered;
    return { ok: false, message: problems.map(({ message }) => message).join('; '), problems };
  }
  const name = input.name ?? nameFor(input);
  const namespace = alert.metadata.namespace ?? '';
  const shared = sharedLabels(input);
  const manifest = workflowManifest(rendered.workflow, {
    name,
    namespace: template.spec.namespace ?? namespace,
    labels: { ...shared, [labels.remediation]: name, [labels.remediationNamespace]: namespace },
    finalizers: [workflowFinalizer],
  });
  const { annotations } = input;
  const ownerReferences = [ownerOf(alert)];
  const metadata = { name, namespace, labels: shared, ...(annotations && { annotations }), ownerReferences };
  return {
    ok: true,
    warnings: rendered.warnings,
    remediation: {
      apiVersion: 'aegis.io/v1alpha1',
      kind: 'AegisRemediation',
      metadata,
      spec: specOf(input, manifest),
    },
  };
}

function specOf({ alert, rule, template, attempt, requestedBy, dryRun }: PlanInput, manifest: string): RemediationSpec {
  const target = targetOf(alert);
  const approvals = rule?.spec.approvals ?? 0;
  return {
    alertRef: { name: alert.metadata.name, uid: alert.metadata.uid ?? '' },
    ...(rule && { ruleRef: originOf(rule) }),
    templateRef: originOf(template),
    ...(target && { target }),
    alertStatus: alert.spec.status === 'Firing' ? 'Firing' : 'Resolved',
    attempt,
    manifest,
    manifestHash: manifestHash(manifest),
    risk: template.spec.risk,
    requestedBy: requestedBy ?? byRule,
    ...(approvals > 0 && { approval: { required: approvals } }),
    ...(dryRun === true && { dryRun }),
  };
}

function nameFor({ alert: { metadata }, rule, template, attempt, dryRun = false }: PlanInput): string {
  const { name, uid = '' } = metadata;
  const by = rule === undefined ? '' : nameOf(originOf(rule));
  return remediationName({ name, uid }, { rule: by, template: nameOf(originOf(template)), attempt, dryRun });
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
    const host = kind?.toLowerCase() === 'pod' ? node : undefined;
    return {
      ...(kind && { kind }),
      ...(name && { name }),
      ...(namespace && { namespace }),
      ...(host && { node: host }),
    };
  }
  return node === undefined ? undefined : { kind: 'Node', name: node };
}

function sharedLabels({ alert, rule, attempt }: PlanInput): Record<string, string> {
  // Names may be longer than a label's value; the reference in spec is the truth, the label only a convenience.
  const ruleName = rule?.metadata.name ?? '';
  return {
    [labels.managedBy]: 'aegis',
    [labels.alert]: alert.metadata.name,
    [labels.attempt]: String(attempt),
    ...(ruleName !== '' && ruleName.length <= 63 ? { [labels.rule]: ruleName } : {}),
  };
}
