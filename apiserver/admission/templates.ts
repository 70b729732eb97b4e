import type { AegisOpsTemplate } from '../../crds/ops-template.ts';
import { workflows } from '../../crds/workflow.ts';
import { checkTemplate } from '../../remediation/render/index.ts';
import type { RenderProblem } from '../../remediation/render/problem.ts';
import { dryRunManifest } from '../../remediation/render/template-status.ts';
import type { Authorizer } from '../../kube/authorizer.ts';
import type { StatusCause } from '../kubeapi/status.ts';
import { canI, type ValidationContext } from './can-i.ts';
import type { Validator } from './validator.ts';
import type { DryRunWorkflow } from './dry-run.ts';
import { forbidden, wrong } from './result.ts';

/** Dependencies of the validator of templates. */
export interface TemplateValidatorPorts {
  readonly authorizer: Authorizer;
  readonly dryRun: DryRunWorkflow;
  /** `Namespace`: rules match alerts of their own namespace only. */
  readonly ruleScope: 'Cluster' | 'Namespace';
}

/**
 * Validates that a template renders, that the user may create such Workflows, and that the API server accepts them. The
 * last is a dry run with the rights of Aegis, and only done for a user who has the right to do it.
 */
export function templateValidator(ports: TemplateValidatorPorts): Validator<AegisOpsTemplate> {
  return async (template, context) => {
    const check = checkTemplate(template);
    const causes = check.problems.map((problem) => causeOf(problem, template));
    const warnings = [...unused(template), ...check.warnings.map((warning) => `spec.manifest: ${warning}`)];
    const missingRight = await rightCause(ports, template, context);
    if (missingRight !== undefined) return { causes: [...causes, missingRight], warnings };
    const manifest = dryRunManifest(template, check);
    if (manifest === undefined) return { causes, warnings };
    const result = await ports.dryRun(manifest, context.signal);
    switch (result.outcome) {
      case 'accepted':
        return { causes, warnings };
      case 'refused':
        return { causes: [...causes, ...result.problems.map((problem) => wrong('spec.manifest', problem))], warnings };
      case 'not-tried':
        return { causes, warnings: [...warnings, `spec.manifest: no dry run of the Workflow: ${result.why}`] };
    }
  };
}

/** Returns a problem with the field of the template that it is about; a path in the manifest is part of the message. */
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
  return ['spec.generateName has no effect: a Workflow has the name of its remediation'];
}

/**
 * The user must be allowed to create Workflows in the namespace where these run. That right already includes every
 * ServiceAccount and Secret of the namespace, so the template grants nothing new.
 */
async function rightCause(
  { authorizer, ruleScope }: TemplateValidatorPorts,
  { metadata, spec }: AegisOpsTemplate,
  context: ValidationContext,
): Promise<StatusCause | undefined> {
  const { group, version, plural: resource } = workflows;
  const mayCreate = (namespace: string): Promise<boolean> =>
    canI(authorizer, { verb: 'create', group, version, resource, namespace, name: '' }, context);
  const where = spec.namespace ?? (ruleScope === 'Namespace' ? metadata.namespace : undefined);
  if (where !== undefined) {
    if (await mayCreate(where)) return undefined;
    return forbidden('spec.manifest', `you may not create ${resource}.${group} in the namespace ${where}`);
  }
  // A rule may use it for alerts of any namespace, and there it runs.
  if (await mayCreate('')) return undefined;
  const message =
    `required: without it the Workflows run in the namespace of the alert, and you may not create ${resource}.${group} ` +
    'in all namespaces; set a namespace where you may create them';
  return forbidden('spec.namespace', message);
}
