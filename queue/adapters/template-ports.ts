import type { AegisOpsTemplate } from '../../crds/ops-template.ts';
import type { Workflow } from '../../crds/workflow.ts';
import { isAlreadyExists } from '../../kube/api-error.ts';
import type { ResourceClient } from '../../kube/resources.ts';
import type { TemplatePorts } from '../../remediation/template-reconcile.ts';
import type { Caches } from './caches.ts';
import { fieldManager, templateStatusWriter } from './statuses.ts';
import { refusalOf } from './submit.ts';

/** The surroundings of the reconcile of templates, on a real API server. */
export function templatePorts(options: {
  caches: Pick<Caches, 'templates'>;
  templates: ResourceClient<AegisOpsTemplate>;
  workflows: Pick<ResourceClient<Workflow>, 'create'>;
  now: () => Date;
}): TemplatePorts {
  const { caches, templates, workflows, now } = options;
  return {
    now,
    template: (namespace, name) => caches.templates.get(namespace, name),
    tryWorkflow: async (manifest) => {
      try {
        await workflows.create(JSON.parse(manifest) as Workflow, { dryRun: true, fieldManager });
        return { outcome: 'accepted' };
      } catch (error) {
        if (isAlreadyExists(error)) return { outcome: 'accepted' };
        const refusal = refusalOf(error);
        if (refusal === undefined) throw error;
        return { outcome: refusal.outcome === 'refused' ? 'refused' : 'not-tried', message: refusal.message };
      }
    },
    writeStatus: templateStatusWriter(templates),
  };
}
