import type { ApiResource } from './api.ts';
import type { Deps } from './deps.ts';
import { alertAcknowledge } from './subresources/alert-acknowledge.ts';
import { alertInspect } from './subresources/alert-inspect.ts';
import { alertResolve } from './subresources/alert-resolve.ts';
import { alertSilence } from './subresources/alert-silence.ts';
import { alertTrigger } from './subresources/alert-trigger.ts';
import { policyPause } from './subresources/policy-pause.ts';
import { policyResume } from './subresources/policy-resume.ts';
import { remediationApprove, remediationReject } from './subresources/remediation-approval.ts';
import { remediationCancel } from './subresources/remediation-cancel.ts';
import { remediationInspect } from './subresources/remediation-inspect.ts';
import { templateRender } from './subresources/template-render.ts';
import { createWorkshop } from './subresources/workshop.ts';

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
