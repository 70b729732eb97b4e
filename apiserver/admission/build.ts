import type { RequestListener } from 'node:http';
import type { WebhookRegistration } from '../../apiservice/registration/webhooks.ts';
import { type AegisOpsTemplate, aegisOpsTemplates } from '../../crds/ops-template.ts';
import { aegisAlertOpsRules } from '../../crds/ops-rule.ts';
import { aegisRemediationPolicies } from '../../crds/remediation-policy.ts';
import type { Informer } from '../../kube/cache/informer.ts';
import type { RestClient } from '../../kube/client/rest.ts';
import type { Surroundings } from '../../process/role.ts';
import type { Authorizer } from '../../kube/authorizer.ts';
import { RequestLimiter } from '../http/load-limits.ts';
import { validated, type ValidatedKind } from './validator.ts';
import { createListener } from './listener.ts';
import { createAdmissionMetrics } from './metrics.ts';
import { policyValidator } from './policies.ts';
import { ruleValidator } from './rules.ts';
import { templateValidator } from './templates.ts';
import { kubeDryRun } from './dry-run.ts';
import { webhookOf } from './webhooks.ts';

/** Dependencies of admission, passed by the role. */
export interface AdmissionAccess {
  /** With the rights of Aegis; used for dry runs only. */
  readonly rest: RestClient;
  readonly authorizer: Authorizer;
  /** Undefined: no warnings about templates that do not exist. */
  readonly templates?: Pick<Informer<AegisOpsTemplate>, 'get' | 'hasSynced'>;
  /** Same setting as the worker. */
  readonly ruleScope: 'Cluster' | 'Namespace';
}

/** Admission, to be served by a TLS server and registered. */
export interface Admission {
  readonly listener: RequestListener;
  readonly webhooks: readonly WebhookRegistration[];
}

/** How much may be under way at once; kube-apiserver retries after a second. */
const limits = { requests: 64, bytes: 64 * 1024 * 1024 };

/** Builds admission. It has nothing to start or to stop. */
export function buildAdmission(
  { logger, registry, clock }: Surroundings,
  { rest, authorizer, templates, ruleScope }: AdmissionAccess,
): Admission {
  const kinds: readonly ValidatedKind[] = [
    validated(
      aegisAlertOpsRules,
      ruleValidator({
        authorizer,
        template: (namespace, name) => templates?.get(namespace, name),
        templatesKnown: () => templates?.hasSynced() ?? false,
      }),
    ),
    validated(aegisOpsTemplates, templateValidator({ authorizer, dryRun: kubeDryRun(rest), ruleScope })),
    validated(
      aegisRemediationPolicies,
      policyValidator(() => clock.now()),
    ),
  ];
  const webhooks = kinds.map((kind) => ({ kind, webhook: webhookOf(kind.type) }));
  return {
    listener: createListener({
      kinds: new Map(webhooks.map(({ kind, webhook }) => [webhook.path, kind])),
      limiter: new RequestLimiter(limits),
      metrics: createAdmissionMetrics(registry),
      logger,
      clock,
    }),
    webhooks: webhooks.map(({ webhook }) => webhook),
  };
}
