import type { AegisOpsTemplate } from '../../crds/ops-template.ts';
import type { Workflow } from '../../crds/workflow.ts';
import type { ResourceClient } from '../../kube/client/resources.ts';
import type { TemplatePorts } from './reconcile.ts';
import type { Caches } from '../caches.ts';
import { templateStatusWriter } from '../status-writers.ts';
import { dryRunWorkflow } from '../refusal.ts';

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
      const refusal = await dryRunWorkflow(workflows, JSON.parse(manifest) as Workflow);
      if (refusal === undefined) return { outcome: 'accepted' };
      return { outcome: refusal.refused ? 'refused' : 'not-tried', message: refusal.message };
    },
    writeStatus: templateStatusWriter(templates),
  };
}
