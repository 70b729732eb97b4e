import type { AegisOpsTemplate, OpsTemplateStatus } from '../crds/ops-template.ts';
import { sampleOf, templateStatus, type Trial } from './template-status.ts';

export interface TemplatePorts {
  template(namespace: string, name: string): AegisOpsTemplate | undefined;
  /** Asks the API server about a Workflow without creating it; never throws for an answer, only for no answer. */
  tryWorkflow(manifest: string): Promise<Trial>;
  writeStatus(template: AegisOpsTemplate, status: Partial<OpsTemplateStatus>): Promise<void>;
  now(): Date;
}

/** Keeps the Ready condition of a template true. */
export function templateReconciler(ports: TemplatePorts) {
  return async function reconcileTemplate({ namespace, name }: { namespace: string; name: string }): Promise<void> {
    const template = ports.template(namespace, name);
    if (template === undefined || template.metadata.deletionTimestamp !== undefined) return;
    const sample = sampleOf(template);
    const trial: Trial = sample.ok
      ? await ports.tryWorkflow(sample.manifest)
      : { outcome: 'not-tried', message: sample.message };
    await ports.writeStatus(template, templateStatus(template, { trial, now: ports.now() }));
  };
}
