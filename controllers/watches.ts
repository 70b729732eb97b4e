import { isResolved, type AegisAlert } from '../crds/alert.ts';
import { labels, workflowFinalizer } from '../crds/labels.ts';
import type { KubeObject } from '../crds/object.ts';
import type { AegisAlertOpsRule } from '../crds/ops-rule.ts';
import type { AegisOpsTemplate } from '../crds/ops-template.ts';
import { isTerminal, type AegisRemediation } from '../crds/remediation.ts';
import type { Workflow } from '../crds/workflow.ts';
import { ladderOf } from '../rules/escalation.ts';
import { hasEnded } from '../remediation/attempts/workflow-outcome.ts';
import type { Caches } from './caches.ts';
import type { ObjectCache, ObjectChange, WatchedCache } from '../crds/object-cache.ts';
import {
  alertChanged,
  attemptChanged,
  budgetChanged,
  nodeChanged,
  outcomeChanged,
  policyChanged,
  specChanged,
} from './predicates.ts';
import type { Controller, ObjectKey } from '../queue/keys.ts';
import type { Source } from '../queue/enqueue/source.ts';
import { source } from './watch.ts';
import { isSubmitted, whoWaits } from './mappers.ts';

type Watched = { [K in keyof Caches]: Caches[K] extends ObjectCache<infer T> ? WatchedCache<T> : never };

function key(kind: Controller, { metadata }: { metadata: { namespace?: string; name: string } }): ObjectKey {
  return { kind, namespace: metadata.namespace ?? '', name: metadata.name };
}

function keys(kind: Controller, objects: readonly KubeObject[]): ObjectKey[] {
  return objects.map((object) => key(kind, object));
}

/** What a change of each kind concerns; this list is the whole of "who reacts to what". */
export function workerSources(caches: Watched): Source[] {
  const { alerts, rules, templates, policies, remediations, workflows, nodes } = caches;
  const waiting = whoWaits(caches);
  const alertOf = ({ metadata, spec }: AegisRemediation): ObjectKey =>
    key('alert', { metadata: { ...metadata, name: spec.alertRef.name } });
  /** Attempts that wait until the Workflow of one that is over has ended as well. */
  const waitingForWorkflow = (workflow: Workflow): AegisRemediation[] =>
    attemptOf(workflow)
      .flatMap(({ namespace, name }) => remediations.get(namespace, name) ?? [])
      .filter(({ status }) => isTerminal(status?.phase))
      .flatMap((attempt) => waiting.for(attempt, false));
  /** Runs where its attempt could not own it, and outlives it. */
  const isOrphan = ({ metadata }: Workflow): boolean => {
    const namespace = metadata.labels?.[labels.remediationNamespace];
    const name = metadata.labels?.[labels.remediation] ?? '';
    return (
      namespace !== undefined && namespace !== metadata.namespace && remediations.get(namespace, name) === undefined
    );
  };
  const rulesWith = (namespace: string, name: string): AegisAlertOpsRule[] =>
    rules.list().filter((rule) => ladderOf(rule).some((used) => used.namespace === namespace && used.name === name));

  return [
    source({
      kind: 'AegisAlert',
      ...watched(alerts, alertChanged),
      keysOf: (alert) => [
        key('alert', alert),
        ...keys('remediation', concernsAttempts(alert) ? waiting.openOf(alert) : []),
        ...keys('remediation', waiting.verifiedBefore(alert)),
      ],
      settled: isSettledAlert,
    }),
    source({
      kind: 'AegisAlertOpsRule',
      ...watched(rules, specChanged),
      keysOf: (rule) => [key('rule', rule), ...keys('alert', waiting.forRules())],
      resyncKeysOf: (rule) => [key('rule', rule)],
      settled: isObserved,
    }),
    source({
      kind: 'AegisOpsTemplate',
      ...watched(templates, specChanged),
      keysOf: (template) => [
        key('template', template),
        ...keys('rule', rulesWith(template.metadata.namespace ?? '', template.metadata.name)),
        ...keys('alert', waiting.forRules()),
      ],
      resyncKeysOf: (template) => [key('template', template)],
      settled: isObserved,
    }),
    source({
      kind: 'AegisRemediationPolicy',
      ...watched(policies, policyChanged),
      keysOf: () => [...keys('remediation', waiting.forPolicies()), ...keys('alert', waiting.forAttempts())],
      resyncKeysOf: () => [],
      settled: () => true,
    }),
    source({
      kind: 'AegisRemediationPolicy',
      ...watched(policies, budgetChanged),
      keysOf: (policy) => keys('remediation', waiting.forBudget(policy)),
      resyncKeysOf: () => [],
      settled: () => true,
    }),
    source({
      kind: 'AegisRemediation',
      ...watched(remediations, attemptChanged),
      keysOf: (remediation, deleted) => [
        ...(isLeftToWorkflow(remediation) && deleted !== true ? [] : [key('remediation', remediation)]),
        ...keys('remediation', waiting.for(remediation, deleted === true)),
        ...keys('remediation', waiting.behindBreaker(remediation)),
        ...keys('remediation', waiting.forBudgetOf(remediation)),
      ],
      recordKeysOf: (remediation) => (showsInAlert(remediation) ? [alertOf(remediation)] : []),
      resyncKeysOf: (remediation) => [key('remediation', remediation), alertOf(remediation)],
      settled: ({ status }) => isTerminal(status?.phase),
    }),
    source({
      kind: 'Node',
      ...watched(nodes, nodeChanged),
      keysOf: ({ metadata: { name } }) => keys('remediation', waiting.forHealthOf({ kind: 'Node', name })),
      resyncKeysOf: () => [],
      settled: () => true,
    }),
    source({
      kind: 'Workflow',
      ...watched(workflows, outcomeChanged),
      keysOf: (workflow, deleted) =>
        deleted === true || hasEnded(workflow)
          ? [...attemptOf(workflow), ...keys('remediation', waitingForWorkflow(workflow))]
          : [],
      recordKeysOf: attemptOf,
      // A Workflow whose finalizer is still there has an outcome to record, or an attempt that is gone.
      settled: (workflow) => workflow.metadata.finalizers?.includes(workflowFinalizer) !== true && !isOrphan(workflow),
    }),
  ];
}

function watched<T extends KubeObject>(cache: WatchedCache<T>, matters: (change: ObjectChange<T>) => boolean) {
  return {
    list: () => cache.list(),
    onChange: (listener: (object: T, deleted: boolean) => void) => {
      cache.onChange((change) => {
        if (matters(change)) listener(change.object, change.type === 'deleted');
      });
    },
  };
}

/** The attempt that a Workflow was made for. */
function attemptOf({ metadata }: Workflow): ObjectKey[] {
  const name = metadata.labels?.[labels.remediation];
  const namespace = metadata.labels?.[labels.remediationNamespace];
  return name === undefined || namespace === undefined ? [] : [{ kind: 'remediation', namespace, name }];
}

/** Over, or quiet wanted or no longer wanted: what waits has to look again. */
function concernsAttempts(alert: AegisAlert): boolean {
  return isResolved(alert) || alert.status?.silencedUntil !== undefined;
}

/** Its Workflow says what becomes of it, unless somebody has called it off. */
function isLeftToWorkflow(remediation: AegisRemediation): boolean {
  const { phase, cancellation } = remediation.status ?? {};
  return isSubmitted(remediation) && (cancellation === undefined || isTerminal(phase));
}

/** From its first standing on; before that it says no more than that it was created. */
function showsInAlert({ status }: AegisRemediation): boolean {
  return status?.phase !== undefined;
}

/** The Ready condition speaks of the spec as it is. */
function isObserved({ metadata, status }: AegisAlertOpsRule | AegisOpsTemplate): boolean {
  return status?.conditions?.some(({ observedGeneration }) => observedGeneration === metadata.generation) === true;
}

/** Nothing but time, a rule or a template changes such an alert; each of these enqueues it. */
function isSettledAlert(alert: AegisAlert): boolean {
  const { opsStatus, status } = alert.status ?? {};
  const recorded = status === (isResolved(alert) ? 'Resolved' : 'Firing');
  return recorded && opsStatus?.triggerStatus !== undefined && (opsStatus.active ?? 0) === 0;
}
