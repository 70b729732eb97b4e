import { conditionTypes, withCondition } from '../crds/conditions.ts';
import type { AegisAlert } from '../crds/alert.ts';
import type { AegisOpsTemplate, OpsTemplateStatus } from '../crds/ops-template.ts';
import { checkTemplate, renderTemplate, workflowManifest } from './render/index.ts';

/** What the API server said to a sample of the template's Workflow. */
export type Trial = { outcome: 'accepted' } | { outcome: 'refused' | 'not-tried'; message: string };

/** The Workflow that a template would make for some harmless alert, or why none can be made without a real one. */
export type Sample = { ok: true; manifest: string } | { ok: false; message: string };

/** A value that matches the default pattern of variables. */
const harmless = 'example';

/** Renders a template for an alert that does not exist, so that the API server can be asked about the result; pure. */
export function sampleOf(template: AegisOpsTemplate): Sample {
  const { variables } = checkTemplate(template);
  const rendered = renderTemplate({ alert: sampleAlert(variables, template), template });
  if (!rendered.ok) return { ok: false, message: rendered.problems.map(({ message }) => message).join('; ') };
  const namespace = template.spec.namespace ?? template.metadata.namespace ?? '';
  const identity = { name: `dry-run-${harmless}`, namespace, labels: {}, finalizers: [] };
  return { ok: true, manifest: workflowManifest(rendered.workflow, identity) };
}

/** Says on the template itself whether it can be used; pure. */
export function templateStatus(
  template: AegisOpsTemplate,
  { trial, now }: { trial: Trial; now: Date },
): Partial<OpsTemplateStatus> {
  const { variables } = checkTemplate(template);
  const observedGeneration = template.metadata.generation;
  const condition = { type: conditionTypes.ready, observedGeneration, ...readiness(template, trial) };
  return { variables, conditions: withCondition(template.status?.conditions ?? [], condition, now) };
}

function readiness(template: AegisOpsTemplate, trial: Trial) {
  const { problems } = checkTemplate(template);
  if (problems.length > 0) {
    const message = problems.map((problem) => problem.message).join('; ');
    return { status: 'False', reason: 'TemplateInvalid', message } as const;
  }
  switch (trial.outcome) {
    case 'accepted':
      return {
        status: 'True',
        reason: 'Accepted',
        message: 'the API server accepts its Workflow in a dry run',
      } as const;
    case 'refused':
      return { status: 'False', reason: 'WorkflowRefused', message: trial.message } as const;
    case 'not-tried':
      return { status: 'True', reason: 'NotTried', message: `rendered, but not tried: ${trial.message}` } as const;
  }
}

/** An alert that has every variable: the details from the template's use of them, the parameters from their defaults. */
function sampleAlert(variables: readonly string[], template: AegisOpsTemplate): AegisAlert {
  const defaults = new Map(template.spec.parameters?.map((parameter) => [parameter.name, parameter.default]));
  const details = Object.fromEntries(variables.map((name) => [name, defaults.get(name) ?? harmless]));
  return {
    apiVersion: 'aegis.io/v1alpha1',
    kind: 'AegisAlert',
    metadata: { name: harmless, namespace: template.metadata.namespace ?? harmless },
    spec: {
      type: harmless,
      status: 'Firing',
      trust: 'Parsed',
      involvedObject: { kind: 'Node', name: harmless, namespace: harmless, node: harmless },
      details,
    },
  };
}
