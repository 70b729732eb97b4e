import type { ApiResource } from './api.ts';
import type { Deps } from './deps.ts';
import { alertInspect } from './subresources/alert-inspect.ts';
import { alertTrigger } from './subresources/alert-trigger.ts';
import { remediationInspect } from './subresources/remediation-inspect.ts';
import { templateRender } from './subresources/template-render.ts';

/** Everything that the group serves; what is not in this table does not exist. */
export function apiResources(deps: Deps): readonly ApiResource[] {
  return [
    {
      name: 'aegisalerts',
      singular: 'aegisalert',
      kind: 'AegisAlert',
      namespaced: true,
      subresources: [alertInspect(deps), alertTrigger(deps)],
    },
    {
      name: 'aegisremediations',
      singular: 'aegisremediation',
      kind: 'AegisRemediation',
      namespaced: true,
      subresources: [remediationInspect(deps)],
    },
    {
      name: 'aegisopstemplates',
      singular: 'aegisopstemplate',
      kind: 'AegisOpsTemplate',
      namespaced: true,
      subresources: [templateRender(deps)],
    },
  ];
}
