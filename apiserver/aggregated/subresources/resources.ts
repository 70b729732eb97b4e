import type { ApiResource } from '../../kubeapi/api.ts';
import { alertAcknowledge, alertResolve, alertSilence } from './alert-decisions.ts';
import { alertInspect } from './alert-inspect.ts';
import { alertTrigger } from './alert-trigger.ts';
import type { Deps } from './deps.ts';
import { policyPause, policyResume } from './policy-decisions.ts';
import { createReadContext } from './read-context.ts';
import { remediationApprove, remediationCancel, remediationReject } from './remediation-decisions.ts';
import { remediationInspect } from './remediation-inspect.ts';
import { templateRender } from './template-render.ts';

/** Returns the table of everything that the group serves. */
export function apiResources(deps: Deps): readonly ApiResource[] {
  const context = createReadContext(deps);
  return [
    {
      name: 'aegisalerts',
      singular: 'aegisalert',
      kind: 'AegisAlert',
      namespaced: true,
      subresources: [
        alertInspect(context),
        alertTrigger(context),
        alertAcknowledge(deps),
        alertSilence(deps),
        alertResolve(deps),
      ],
    },
    {
      name: 'aegisremediations',
      singular: 'aegisremediation',
      kind: 'AegisRemediation',
      namespaced: true,
      subresources: [
        remediationInspect(context),
        remediationApprove(context),
        remediationReject(context),
        remediationCancel(deps),
      ],
    },
    {
      name: 'aegisopstemplates',
      singular: 'aegisopstemplate',
      kind: 'AegisOpsTemplate',
      namespaced: true,
      subresources: [templateRender(context)],
    },
    {
      name: 'aegisremediationpolicies',
      singular: 'aegisremediationpolicy',
      kind: 'AegisRemediationPolicy',
      namespaced: false,
      subresources: [policyPause(deps), policyResume(deps)],
    },
  ];
}
