import { byAge } from '../../../remediation/attempts/attempts.ts';
import { oncePerObject } from '../../../lib/memoize.ts';
import { rulesInScope } from '../../../rules/scope.ts';
import { compileRule, type CompiledRule } from '../../../rules/compile.ts';
import { aegisAlerts, type AegisAlert } from '../../../crds/alert.ts';
import { toTime } from '../../../crds/conditions.ts';
import { aegisOpsTemplates, type AegisOpsTemplate } from '../../../crds/ops-template.ts';
import { aegisRemediations, type AegisRemediation } from '../../../crds/remediation.ts';
import type { Freshness } from '../../../crds/subresources/attempt-view.ts';
import { byAlert, byRemediation } from '../../../remediation/attempts/indexes.ts';
import type { OutlinedWorkflow } from '../../../remediation/views/outline-text.ts';
import { createPlanner, type Planner } from '../../../remediation/attempts/plan.ts';
import { belongsTo } from '../../../remediation/attempts/submission.ts';
import { worldOf, type World } from '../../../remediation/cluster-view.ts';
import type { Deps } from './deps.ts';
import type { ObjectSource } from '../objects/find.ts';
import { compileTemplate } from '../../../remediation/render/index.ts';
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
  readonly world: World;
  readonly freshness: (source: Freshness['source']) => Freshness;
}

export function createReadContext(deps: Deps): ReadContext {
  const { caches, rest, ruleScope, now } = deps;
  const compiled = oncePerObject(compileRule);
  const compile = oncePerObject(compileTemplate);
  const written = oncePerObject(toTime);
  const world = worldOf(caches);
  return {
    ...deps,
    alerts: { type: aegisAlerts, cache: caches.alerts, rest },
    remediations: { type: aegisRemediations, cache: caches.remediations, rest },
    templates: { type: aegisOpsTemplates, cache: caches.templates, rest },
    planner: createPlanner({ world, now, compile, remember: rememberPlans }),
    compileTemplate: compile,
    rulesFor: (alert) => rulesInScope(caches.rules.list(), alert, ruleScope).map(compiled),
    attemptsOf: (uid) => [...caches.remediations.byIndex(byAlert.name, uid)].sort(byAge),
    workflowOf: (remediation) => {
      const { namespace = '', name } = remediation.metadata;
      return caches.workflows
        .byIndex(byRemediation.name, `${namespace}/${name}`)
        .find((workflow) => belongsTo(workflow, remediation));
    },
    world,
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
