import { cutText } from '../../lib/text.ts';
import type { AegisRemediation } from '../../crds/remediation.ts';
import type { PreviewView, RenderProblemView } from '../../crds/subresources/attempt-view.ts';
import type { PlanResult } from '../planning/plan.ts';
import type { RenderProblem } from '../render/index.ts';

/** Longer messages come from a template's author; the first characters are enough. */
const maxMessage = 4096;

/** The Workflow that an attempt submits, or would submit. `withheld` says why the caller may not see it. */
export function previewOf(
  remediation: AegisRemediation,
  { exists, message, withheld }: { exists: boolean; message?: string; withheld?: string | undefined },
): PreviewView {
  const { metadata, spec } = remediation;
  const said = [message, withheld && `the Workflow is not shown: ${withheld}`].filter(Boolean).join('; ');
  const workflow = withheld === undefined ? workflowIn(spec.manifest) : undefined;
  return {
    ok: true,
    ...(said !== '' && { message: said }),
    remediation: metadata.name,
    exists,
    attempt: spec.attempt,
    ...(spec.ruleRef && { rule: spec.ruleRef }),
    template: spec.templateRef,
    risk: spec.risk,
    approvalsRequired: spec.approval?.required ?? 0,
    manifestHash: spec.manifestHash,
    ...(workflow && { workflow }),
  };
}

/** Returns why no Workflow would be submitted. */
export function noPreview(reason: string, message: string, problems: readonly RenderProblem[] = []): PreviewView {
  const seen = problems.length === 0 ? {} : { problems: problemViews(problems) };
  return { ok: false, reason, message: cutText(message, maxMessage), exists: false, ...seen };
}

/** The result of planning an attempt that does not exist. */
export function previewOfPlan(
  plan: PlanResult,
  said: { message?: string; withheld?: string | undefined } = {},
): PreviewView {
  if (plan.ok) return previewOf(plan.remediation, { exists: false, ...said });
  if (said.withheld === undefined) return noPreview('TemplateInvalid', plan.message, plan.problems);
  return noPreview('TemplateInvalid', `the template cannot be rendered; ${notShown(said.withheld)}`);
}

/** Problems quote the template: if the caller may not see it, they are replaced by `withheld`, which says why. */
export function problemViews(problems: readonly RenderProblem[], withheld?: string): RenderProblemView[] {
  if (withheld !== undefined) return [{ reason: 'Withheld', message: cutText(notShown(withheld), maxMessage) }];
  return problems.map((problem) => ({ ...problem, message: cutText(problem.message, maxMessage) }));
}

function notShown(why: string): string {
  return `its problems are not shown: ${why}`;
}

/** Returns the Workflow in a manifest; undefined when the manifest is something else. */
export function workflowIn(manifest: string): PreviewView['workflow'] {
  try {
    const value = JSON.parse(manifest) as PreviewView['workflow'] | null;
    return typeof value === 'object' && value?.kind === 'Workflow' ? value : undefined;
  } catch {
    return undefined;
  }
}
