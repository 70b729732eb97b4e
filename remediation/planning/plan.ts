import { type AegisAlert, aegisAlerts } from '../../crds/alert.ts';
import { apiVersionOf, type OwnerReference } from '../../crds/object.ts';
import { labels, workflowFinalizer } from '../../crds/labels.ts';
import { remediationName } from '../../crds/names.ts';
import type { AegisAlertOpsRule } from '../../crds/ops-rule.ts';
import type { AegisOpsTemplate } from '../../crds/ops-template.ts';
import type { AegisRemediation, RemediationSpec, Requester } from '../../crds/remediation.ts';
import type { Compilers } from './compilers.ts';
import { requirementOf } from '../approval/demand.ts';
import { dryRunOnly, effectivePolicy, type EffectivePolicy } from '../policies/effective.ts';
import { cachedTarget, type ClusterView } from '../cluster-view.ts';
import {
  compileTemplate,
  manifestHash,
  renderTemplate,
  workflowManifest,
  type RenderProblem,
} from '../render/index.ts';

/** The requester of an attempt that a rule starts. */
const byRule: Requester = { username: 'aegis', via: 'rule' };

export interface PlanInput {
  alert: AegisAlert;
  /** Absent when a user requests the template itself. */
  rule?: AegisAlertOpsRule | undefined;
  template: AegisOpsTemplate;
  /** 1 for the first. */
  attempt: number;
  /** The requester. Default: the rule itself. */
  requestedBy?: Requester | undefined;
  /** Values of the user; they win over the alert's. */
  parameters?: Record<string, string> | undefined;
  /** Default: derived from all of the above that tells one attempt from another. */
  name?: string | undefined;
  /** Further data about the request. */
  annotations?: Record<string, string> | undefined;
  /** Recorded, but never submitted. */
  dryRun?: boolean | undefined;
}

interface Planned {
  ok: true;
  remediation: AegisRemediation;
  warnings: string[];
}

export type PlanResult = Planned | { ok: false; message: string; problems: RenderProblem[] };

export type Planner = (input: PlanInput) => PlanResult;

/** Plans an attempt that a rule starts. */
export type RulePlanner = (
  input: PlanInput & { rule: AegisAlertOpsRule },
) => { ok: true; remediation: AegisRemediation } | { ok: false; message: string };

/** The ports and settings of a planner. */
export interface PlanSurroundings {
  cluster: ClusterView;
  now: () => Date;
  /** Default: compiles each version of a template once. */
  compile?: typeof compileTemplate;
  /** Plans without the policies; its result is never changed. Default: each time anew. */
  remember?: (plan: Planner) => Planner;
}

/**
 * Creates a planner of attempts under the policies as they are. Where a policy or the rule allows dry runs only, a dry
 * run is planned, also for a user.
 *
 * @param surroundings without them no policy applies
 */
export function createPlanner(compile: Compilers['template'], surroundings?: PlanSurroundings): Planner {
  const { remember = (plan: Planner) => plan } = surroundings ?? {};
  const planOnly = remember((input) => planRemediation(input, compile));
  return (input) => {
    const planned = planOnly(input);
    if (!planned.ok || surroundings === undefined) return planned;
    const policy = policyFor(planned.remediation, input.alert, surroundings.cluster);
    const rehearsed = policy.dryRun.length > 0 && planned.remediation.spec.dryRun !== true;
    const plan = rehearsed ? planOnly({ ...input, dryRun: true }) : planned;
    return plan.ok ? underPolicy(plan, policy, surroundings.now()) : plan;
  };
}

function policyFor(remediation: AegisRemediation, alert: AegisAlert, cluster: ClusterView): EffectivePolicy {
  const target = cachedTarget(cluster, remediation.spec.target);
  return effectivePolicy(cluster.policies(), { remediation, alert, target });
}

function underPolicy(plan: Planned, policy: EffectivePolicy, now: Date): PlanResult {
  const { remediation, warnings } = plan;
  const { approval: own, ...spec } = remediation.spec;
  const approval = requirementOf(own?.required ?? 0, policy.approval, now);
  const dryRun = policy.dryRun.length === 0 ? [] : [`nothing is submitted: ${dryRunOnly(policy)}`];
  const { impossible } = policy.approval;
  const nobody = approval === undefined || impossible === undefined ? [] : [`no user can approve it: ${impossible}`];
  return {
    ok: true,
    remediation: { ...remediation, spec: { ...spec, ...(approval && { approval }) } },
    warnings: [...warnings, ...dryRun, ...nobody],
  };
}

/** Renders a template for an alert into the attempt that would be made; pure, nothing is created. */
export function planRemediation(given: PlanInput, compile = compileTemplate): PlanResult {
  const { alert, template, parameters, rule } = given;
  const ruleIsDry = rule?.spec.dryRun === true;
  const input = ruleIsDry ? { ...given, dryRun: true } : given;
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
    warnings: [
      ...rendered.warnings,
      ...(ruleIsDry ? [`nothing is submitted: rule ${nameOf(originOf(rule))} allows dry runs only`] : []),
    ],
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
