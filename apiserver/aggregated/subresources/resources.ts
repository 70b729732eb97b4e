import type { ApiResource } from '../../kubeapi/api.ts';
import type { Deps } from './deps.ts';
import { alertAcknowledge } from './alert-acknowledge.ts';
import { alertInspect } from './alert-inspect.ts';
import { alertResolve } from './alert-resolve.ts';
import { alertSilence } from './alert-silence.ts';
import { alertTrigger } from './alert-trigger.ts';
import { policyPause } from './policy-pause.ts';
import { policyResume } from './policy-resume.ts';
import { remediationApprove, remediationReject } from './remediation-approval.ts';
import { remediationCancel } from './remediation-cancel.ts';
import { remediationInspect } from './remediation-inspect.ts';
import { templateRender } from './template-render.ts';
import { createWorkshop } from './read-context.ts';

/** Everything that the group serves; what is not in this table does not exist. */
export function apiResources(deps: Deps): readonly ApiResource[] {
  // Rules and templates are made ready once for both.
  const workshop = createWorkshop(deps);
  return [
    {
      name: 'aegisalerts',
      singular: 'aegisalert',
      kind: 'AegisAlert',
      namespaced: true,
      subresources: [
        alertInspect(deps, workshop),
        alertTrigger(deps, workshop),
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
        remediationInspect(deps),
        remediationApprove(deps),
        remediationReject(deps),
        remediationCancel(deps),
      ],
    },
    {
      name: 'aegisopstemplates',
      singular: 'aegisopstemplate',
      kind: 'AegisOpsTemplate',
      namespaced: true,
      subresources: [templateRender(deps)],
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
