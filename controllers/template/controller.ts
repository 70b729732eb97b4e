import { aegisOpsTemplates } from '../../crds/ops-template.ts';
import { workflows } from '../../crds/workflow.ts';
import { resources } from '../../kube/client/resources.ts';
import type { Registration } from '../controller.ts';
import { isObserved, specChanged } from '../predicates.ts';
import { itself, watch } from '../watch.ts';
import { templatePorts } from './kube.ts';
import { templateReconciler } from './reconcile.ts';

/** Says on each template whether it can be rendered and would be accepted. */
export const templateRegistration: Registration = {
  name: 'template',
  create: ({ rest, caches, clock }) => {
    const reconcile = templateReconciler(
      templatePorts({
        caches,
        templates: resources(rest, aegisOpsTemplates),
        workflows: resources(rest, workflows),
        now: () => clock.now(),
      }),
    );
    return {
      watches: [
        watch(caches.templates, {
          kind: 'AegisOpsTemplate',
          when: specChanged,
          map: itself,
          resync: { map: itself, settled: isObserved },
        }),
      ],
      reconcile: async (key) => {
        await reconcile(key);
        return undefined;
      },
    };
  },
};
