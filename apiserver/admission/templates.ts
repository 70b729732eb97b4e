import type { AegisOpsTemplate } from '../../crds/ops-template.ts';
import { workflows } from '../../crds/workflow.ts';
import { checkTemplate } from '../../remediation/render/index.ts';
import type { RenderProblem } from '../../remediation/render/problem.ts';
import { dryRunManifest } from '../../remediation/render/template-status.ts';
import type { AccessReviewer } from '../kubeapi/api.ts';
import type { StatusCause } from '../kubeapi/status.ts';
import { mayAuthor, type Context } from './can-i.ts';
import type { Judge } from './validator.ts';
import type { TryWorkflow } from './dry-run.ts';
import { forbidden, wrong } from './result.ts';

/** What the judge of templates asks. */
export interface TemplateJudgePorts {
  readonly access: AccessReviewer;
  readonly tryWorkflow: TryWorkflow;
  /** `Namespace`: rules match alerts of their own namespace only. */
  readonly ruleScope: 'Cluster' | 'Namespace';
}

/**
 * Judges whether a template renders, whether its author may run such Workflows, and whether the API server would take
 * them. The last is asked with Aegis's own rights, so only for an author who may ask it himself.
 */
export function templateJudge(ports: TemplateJudgePorts): Judge<AegisOpsTemplate> {
  return async (template, context) => {
    const check = checkTemplate(template);
    const causes = check.problems.map((problem) => causeOf(problem, template));
    const warnings = [...unused(template), ...check.warnings.map((warning) => `spec.manifest: ${warning}`)];
    const missingRight = await rightCause(ports, template, context);
    if (missingRight !== undefined) return { causes: [...causes, missingRight], warnings };
    const manifest = dryRunManifest(template, check);
    if (manifest === undefined) return { causes, warnings };
    const trial = await ports.tryWorkflow(manifest, context.signal);
    switch (trial.outcome) {
      case 'accepted':
        return { causes, warnings };
      case 'refused':
        return { causes: [...causes, ...trial.problems.map((problem) => wrong('spec.manifest', problem))], warnings };
      case 'not-tried':
        return { causes, warnings: [...warnings, `spec.manifest: the Workflow was not tried: ${trial.why}`] };
    }
  };
}

/** Which field of the template a problem is about; a place in the manifest stands in the message. */
function causeOf({ reason, message, path, variable }: RenderProblem, { spec }: AegisOpsTemplate): StatusCause {
  if (reason === 'TimeoutUnusable') return wrong('spec.timeout', message);
  const index = (spec.parameters ?? []).findIndex(({ name }) => name === variable);
  if (path !== undefined || index === -1) return wrong('spec.manifest', message);
  const field = { PatternUnusable: '.pattern', ValueRefused: '.default', SecretVariable: '.secretRef' }[
    reason as string
  ];
  return wrong(`spec.parameters[${index}]${field ?? ''}`, message);
}

function unused({ spec }: AegisOpsTemplate): string[] {
  if ((spec.generateName ?? '') === '') return [];
  return ['spec.generateName is not used: a Workflow has the name of its remediation'];
}

/**
 * The author must be allowed to create Workflows where these will run: who may do that may use every ServiceAccount and
 * Secret there already, so the template gives him nothing new.
 */
async function rightCause(
  { access, ruleScope }: TemplateJudgePorts,
  { metadata, spec }: AegisOpsTemplate,
  context: Context,
): Promise<StatusCause | undefined> {
  const { group, version, plural: resource } = workflows;
  const mayCreate = (namespace: string): Promise<boolean> =>
    mayAuthor(access, { verb: 'create', group, version, resource, namespace, name: '' }, context);
  const where = spec.namespace ?? (ruleScope === 'Namespace' ? metadata.namespace : undefined);
  if (where !== undefined) {
    if (await mayCreate(where)) return undefined;
    return forbidden('spec.manifest', `you may not create ${resource}.${group} in the namespace ${where} yourself`);
  }
  // A rule may use it for alerts of any namespace, and there it runs.
  if (await mayCreate('')) return undefined;
  const message =
    `without it the Workflows run in the namespace of the alert, and you may not create ${resource}.${group} in all ` +
    'namespaces yourself: name one where you may';
  return forbidden('spec.namespace', message);
}
