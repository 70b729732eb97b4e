import { aegisAlertOpsRules } from '../crds/ops-rule.ts';
import type { RestClient } from '../kube/client/rest.ts';
import { resources } from '../kube/client/resources.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { createCompilers } from '../remediation/planning/compilers.ts';
import { RuleSet } from '../rules/rule-set.ts';
import { createAudit } from './audit/audit.ts';
import type { WatchedCaches } from './caches.ts';
import { createJustCreated } from './just-created.ts';
import type { DomainMetrics } from './metrics.ts';
import { countRuleUsage } from './rule/usage.ts';
import type { ControllerConfig } from './settings.ts';

/** The state that several controllers of one process share. */
export type SharedState = ReturnType<typeof createSharedState>;

export function createSharedState(options: {
  config: ControllerConfig;
  rest: RestClient;
  caches: Pick<WatchedCaches, 'rules'>;
  metrics: DomainMetrics;
  logger: Logger;
  clock: Clock;
}) {
  const { config, rest, caches, metrics, logger, clock } = options;
  const compilers = createCompilers();
  return {
    compilers,
    rules: new RuleSet(caches.rules, config.ruleScope, compilers.rule),
    justCreated: createJustCreated(() => clock.monotonicMs()),
    ruleUsage: countRuleUsage(resources(rest, aegisAlertOpsRules)),
    audit: createAudit({ path: config.auditLog, logger, observeFailure: metrics.observeAuditFailure }),
  };
}
