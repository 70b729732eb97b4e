import { byAge } from '../../../remediation/attempts/history.ts';
import { oncePerObject } from '../../../lib/memoize.ts';
import { rulesInScope } from '../../../rules/scope.ts';
import type { CompiledRule } from '../../../rules/compile.ts';
import { aegisAlerts, type AegisAlert } from '../../../crds/alert.ts';
import { toTime } from '../../../crds/conditions.ts';
import { aegisOpsTemplates, type AegisOpsTemplate } from '../../../crds/ops-template.ts';
import { aegisRemediations, type AegisRemediation } from '../../../crds/remediation.ts';
import type { Freshness } from '../../../crds/subresources/attempt-view.ts';
import { byAlert, byRemediation } from '../../../remediation/attempts/indexes.ts';
import type { OutlinedWorkflow } from '../../../remediation/views/outline-text.ts';
import { createPlanner, type Planner } from '../../../remediation/planning/plan.ts';
import { belongsTo } from '../../../remediation/attempts/submission.ts';
import { clusterViewOf, type ClusterView } from '../../../remediation/cluster-view.ts';
import type { Deps } from './deps.ts';
import type { ObjectSource } from '../objects/find.ts';
import type { compileTemplate } from '../../../remediation/render/index.ts';
import { rememberPlans } from './plan-memory.ts';

/**
 * How subresources read the cluster: from caches, with rules and templates compiled once for all requests. Built once
 * and passed to all of them.
 */
export interface ReadContext extends Deps {
  readonly alerts: ObjectSource<AegisAlert>;
  readonly remediations: ObjectSource<AegisRemediation>;
  readonly templates: ObjectSource<AegisOpsTemplate>;
  /** Plans are shared between requests and never to be changed. */
  readonly planner: Planner;
  readonly compileTemplate: typeof compileTemplate;
  /** The rules that are evaluated for an alert. */
  readonly rulesFor: (alert: AegisAlert) => readonly CompiledRule[];
  /** The attempts for an alert, oldest first. */
  readonly attemptsOf: (alertUid: string) => readonly AegisRemediation[];
  readonly workflowOf: (remediation: AegisRemediation) => OutlinedWorkflow | undefined;
  readonly cluster: ClusterView;
  readonly freshness: (source: Freshness['source']) => Freshness;
}

export function createReadContext(deps: Deps): ReadContext {
  const { caches, rest, ruleScope, compilers, now } = deps;
  const written = oncePerObject(toTime);
  const cluster = clusterViewOf(caches);
  return {
    ...deps,
    alerts: { type: aegisAlerts, cache: caches.alerts, rest },
    remediations: { type: aegisRemediations, cache: caches.remediations, rest },
    templates: { type: aegisOpsTemplates, cache: caches.templates, rest },
    planner: createPlanner(compilers.template, { cluster, now, remember: rememberPlans }),
    compileTemplate: compilers.template,
    rulesFor: (alert) => rulesInScope(caches.rules.list(), alert, ruleScope).map(compilers.rule),
    attemptsOf: (uid) => [...caches.remediations.byIndex(byAlert.name, uid)].sort(byAge),
    workflowOf: (remediation) => {
      const { namespace = '', name } = remediation.metadata;
      return caches.workflows
        .byIndex(byRemediation.name, `${namespace}/${name}`)
        .find((workflow) => belongsTo(workflow, remediation));
    },
    cluster,
    freshness: (source) => {
      const { alerts, rules, templates, remediations, policies, workflows } = caches;
      const lastHeard = {
        aegisalerts: alerts.lastHeard(),
        aegisalertopsrules: rules.lastHeard(),
        aegisopstemplates: templates.lastHeard(),
        aegisremediations: remediations.lastHeard(),
        aegisremediationpolicies: policies.lastHeard(),
        workflows: workflows.lastHeard(),
      };
      const times = Object.entries(lastHeard).flatMap(([kind, at]) => (at === undefined ? [] : [[kind, written(at)]]));
      return { source, now: toTime(now()), lastHeard: Object.fromEntries(times) as Freshness['lastHeard'] };
    },
  };
}
