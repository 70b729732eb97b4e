import type { AegisOpsTemplate, OpsTemplateStatus } from '../../crds/ops-template.ts';
import { checkTemplate } from '../../remediation/render/index.ts';
import { dryRunManifest, templateStatus, type DryRunResult } from '../../remediation/render/template-status.ts';

export interface TemplatePorts {
  template(namespace: string, name: string): AegisOpsTemplate | undefined;
  /** Asks the API server about a Workflow without creating it; never throws for an answer, only for no answer. */
  tryWorkflow(manifest: string): Promise<DryRunResult>;
  writeStatus(template: AegisOpsTemplate, status: Partial<OpsTemplateStatus>): Promise<void>;
  now(): Date;
}

/** Keeps the Ready condition of a template true. */
export function templateReconciler(ports: TemplatePorts) {
  return async function reconcileTemplate({ namespace, name }: { namespace: string; name: string }): Promise<void> {
    const template = ports.template(namespace, name);
    if (template === undefined || template.metadata.deletionTimestamp !== undefined) return;
    const check = checkTemplate(template);
    const manifest = dryRunManifest(template, check);
    const dryRun: DryRunResult =
      manifest === undefined
        ? { outcome: 'not-tried', message: 'it cannot be rendered' }
        : await ports.tryWorkflow(manifest);
    await ports.writeStatus(template, templateStatus(template, { check, dryRun, now: ports.now() }));
  };
}
