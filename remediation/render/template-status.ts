import { conditionTypes, withCondition } from '../../crds/conditions.ts';
import type { AegisOpsTemplate, OpsTemplateStatus } from '../../crds/ops-template.ts';
import { workflowManifest, type TemplateCheck } from './index.ts';

/** The answer of the API server to a template's Workflow with placeholder values of its variables. */
export type DryRunResult = { outcome: 'accepted' } | { outcome: 'refused' | 'not-tried'; message: string };

/**
 * Returns the Workflow for a dry run of the API server, as JSON; undefined when the template cannot be rendered. Pure.
 */
export function dryRunManifest(template: AegisOpsTemplate, { sample }: TemplateCheck): string | undefined {
  const namespace = template.spec.namespace ?? template.metadata.namespace ?? '';
  return sample && workflowManifest(sample, { name: 'aegis-dry-run', namespace, labels: {}, finalizers: [] });
}

/** Returns the status of a template: whether it can be used, and why not; pure. */
export function templateStatus(
  template: AegisOpsTemplate,
  { check, dryRun, now }: { check: TemplateCheck; dryRun: DryRunResult; now: Date },
): Partial<OpsTemplateStatus> {
  const { variables, problems, warnings } = check;
  const observedGeneration = template.metadata.generation;
  const verdict =
    problems.length > 0
      ? {
          status: 'False' as const,
          reason: 'TemplateInvalid' as const,
          message: problems.map(({ message }) => message).join('; '),
        }
      : judged(dryRun, warnings);
  const condition = { type: conditionTypes.ready, observedGeneration, ...verdict };
  return { variables, conditions: withCondition(template.status?.conditions ?? [], condition, now) };
}

function judged(dryRun: DryRunResult, warnings: readonly string[]) {
  const remarks = warnings.map((warning) => `; ${warning}`).join('');
  switch (dryRun.outcome) {
    case 'accepted':
      return {
        status: 'True',
        reason: 'Accepted',
        message: `the API server accepts its Workflow in a dry run${remarks}`,
      } as const;
    case 'refused':
      return { status: 'False', reason: 'WorkflowRefused', message: dryRun.message } as const;
    case 'not-tried':
      return {
        status: 'True',
        reason: 'NotTried',
        message: `rendered, but not tried: ${dryRun.message}${remarks}`,
      } as const;
  }
}
