import { aegisAlerts, isResolved, type AegisAlert } from '../../crds/alert.ts';
import { labels, workflowFinalizer } from '../../crds/labels.ts';
import { aegisRemediations, isTerminal, type AegisRemediation } from '../../crds/remediation.ts';
import { workflows as workflowType, type Workflow } from '../../crds/workflow.ts';
import { accessReviews } from '../../kube/access-review.ts';
import { leases } from '../../kube/kinds/lease.ts';
import { objectSearch } from '../../kube/object-lookup.ts';
import { resources } from '../../kube/client/resources.ts';
import { isDryRunOutcome } from '../../remediation/decision/dry-run.ts';
import { hasEnded } from '../../remediation/attempts/workflow-outcome.ts';
import { budgetOf } from '../../remediation/budget/acquire.ts';
import { sweepBudgets } from '../../remediation/budget/sweep.ts';
import type { Acquirable } from '../../remediation/locks/acquire.ts';
import { controlPlaneLock, targetLock, type LockKind } from '../../remediation/locks/target-lock.ts';
import { budgetPorts } from '../budget/kube.ts';
import type { WatchedCaches } from '../caches.ts';
import type { Controller, ControllerContext, Registration } from '../controller.ts';
import { createLockHolders } from '../locks/lock-holders.ts';
import { lockSweep } from '../locks/sweep.ts';
import { createLockMemory, createTargetLock } from '../locks/target-lock.ts';
import {
  alertChanged,
  attemptChanged,
  budgetChanged,
  isSettledAlert,
  nodeChanged,
  outcomeChanged,
  policyChanged,
} from '../predicates.ts';
import { itself, watch, type ObjectName } from '../watch.ts';
import { approverRights } from './approver-rights.ts';
import { remediationPorts } from './kube.ts';
import { isSubmitted, waitingAttempts } from './mappers.ts';
import type { RemediationPorts } from './ports.ts';
import { reconcileRemediation } from './reconcile.ts';

/** How long after its own deadline a Workflow may still call itself running; milliseconds. */
const workflowGraceMs = 10 * 60_000;

/** Brings attempts through gates, submission and verification to their outcome. */
export const remediationRegistration: Registration = {
  name: 'remediation',
  create: (context) => {
    const { rest, namespace, caches, logger, clock } = context;
    const now = (): Date => clock.now();
    const remediations = resources(rest, aegisRemediations);
    const leaseClient = resources(rest, leases);
    const holders = createLockHolders({ caches, remediations });
    const lock = (kind: LockKind): Acquirable =>
      createTargetLock({ kind, leases: leaseClient, namespace, holders, memory: createLockMemory(), now });
    const budget = budgetPorts({ rest, caches, remediations, clock });
    // Always in this order, so that no two attempts wait for each other.
    const acquirables = [budgetOf(budget), lock(controlPlaneLock), lock(targetLock)];
    return {
      watches: watches(caches),
      reconcile: reconciler(context, acquirables),
      sweeps: [
        { name: 'budgets', periodMs: 5_000, work: () => sweepBudgets(budget) },
        {
          name: 'lock-sweep',
          periodMs: 60_000,
          work: lockSweep({ leases: leaseClient, namespace, holders, clock, logger }),
        },
      ],
    };
  },
};

function reconciler(context: ControllerContext, acquirables: readonly Acquirable[]): Controller['reconcile'] {
  const { config, rest, caches, events, metrics, clock, shared } = context;
  const { justCreated, ruleUsage, audit } = shared;
  const observePhase: RemediationPorts['observePhase'] = (change) => {
    metrics.observePhase(change);
    const { ruleRef, requestedBy } = change.remediation.spec;
    if (ruleRef === undefined || requestedBy.via !== 'rule' || !isDryRunOutcome(change.reason)) return;
    ruleUsage.dryRunEnded(ruleRef, change.reason);
  };
  const ports = remediationPorts({
    ...{ caches, justCreated, events, observePhase, audit, acquirables },
    alerts: resources(rest, aegisAlerts),
    remediations: resources(rest, aegisRemediations),
    workflows: resources(rest, workflowType),
    observeStages: metrics.observeStages,
    now: () => clock.now(),
    readTarget: readTargetBy(objectSearch(rest, caches.nodes)),
    whyMayNotApprove: approverRights(accessReviews(rest, { clock, random: Math.random })),
  });
  const deadlines = { start: config.startDeadline, grace: workflowGraceMs };
  return (key) => reconcileRemediation(ports, { deadlines }, key);
}

/** Translates the result of a search for the decision. */
function readTargetBy(search: ReturnType<typeof objectSearch>): RemediationPorts['readTarget'] {
  return async (target) => {
    const result = await search(target);
    if (result.outcome === 'found') return { known: true, uid: result.found.uid };
    return { known: result.outcome === 'gone' };
  };
}

function watches(caches: WatchedCaches): Controller['watches'] {
  const { alerts, policies, remediations, workflows, nodes } = caches;
  const waiting = waitingAttempts(caches);
  const affectedByAlert = (alert: AegisAlert): ObjectName[] =>
    namesOf([...(concernsAttempts(alert) ? waiting.openOf(alert) : []), ...waiting.verifiedBefore(alert)]);
  /** Returns the attempts that may go on once the Workflow of a finished attempt has ended as well. */
  const waitingForWorkflow = (workflow: Workflow): AegisRemediation[] =>
    attemptOf(workflow)
      .flatMap(({ namespace, name }) => remediations.get(namespace, name) ?? [])
      .filter(({ status }) => isTerminal(status?.phase))
      .flatMap((attempt) => waiting.for(attempt, false));
  const affectedByWorkflow = (workflow: Workflow): ObjectName[] => [
    ...attemptOf(workflow),
    ...namesOf(waitingForWorkflow(workflow)),
  ];
  /** Returns true for a Workflow that its attempt could not own and has outlived. */
  const isOrphan = ({ metadata }: Workflow): boolean => {
    const namespace = metadata.labels?.[labels.remediationNamespace];
    const name = metadata.labels?.[labels.remediation] ?? '';
    return (
      namespace !== undefined && namespace !== metadata.namespace && remediations.get(namespace, name) === undefined
    );
  };
  return [
    watch(alerts, {
      kind: 'AegisAlert',
      when: alertChanged,
      map: affectedByAlert,
      resync: { map: affectedByAlert, settled: isSettledAlert },
    }),
    watch(policies, {
      kind: 'AegisRemediationPolicy',
      when: policyChanged,
      map: () => namesOf(waiting.forPolicies()),
    }),
    watch(policies, {
      kind: 'AegisRemediationPolicy',
      when: budgetChanged,
      map: (policy) => namesOf(waiting.forBudget(policy)),
    }),
    watch(remediations, {
      kind: 'AegisRemediation',
      when: attemptChanged,
      map: (attempt, deleted) => [
        ...(isLeftToWorkflow(attempt) && !deleted ? [] : [attempt.metadata]),
        ...namesOf(waiting.for(attempt, deleted)),
        ...namesOf(waiting.behindBreaker(attempt)),
        ...namesOf(waiting.forBudgetOf(attempt)),
      ],
      resync: { map: itself, settled: ({ status }) => isTerminal(status?.phase) },
    }),
    watch(nodes, {
      kind: 'Node',
      when: nodeChanged,
      map: ({ metadata: { name } }) => namesOf(waiting.forHealthOf({ kind: 'Node', name })),
    }),
    watch(workflows, {
      kind: 'Workflow',
      when: outcomeChanged,
      map: (workflow, deleted) => (deleted || hasEnded(workflow) ? affectedByWorkflow(workflow) : []),
      resync: {
        map: (workflow) => (hasEnded(workflow) ? affectedByWorkflow(workflow) : attemptOf(workflow)),
        // A Workflow whose finalizer is still there has an outcome to record, or an attempt that is gone.
        settled: (workflow) =>
          workflow.metadata.finalizers?.includes(workflowFinalizer) !== true && !isOrphan(workflow),
      },
    }),
    watch(workflows, { kind: 'Workflow', when: outcomeChanged, map: attemptOf, reason: () => 'record' }),
  ];
}

/** Returns the attempt that a Workflow was created for. */
function attemptOf({ metadata }: Workflow): ObjectName[] {
  const name = metadata.labels?.[labels.remediation];
  const namespace = metadata.labels?.[labels.remediationNamespace];
  return name === undefined || namespace === undefined ? [] : [{ namespace, name }];
}

/** An alert that is resolved, silenced or no longer silenced makes its attempts decide anew. */
function concernsAttempts(alert: AegisAlert): boolean {
  return isResolved(alert) || alert.status?.silencedUntil !== undefined;
}

/** Its Workflow brings such an attempt forward, unless it has been cancelled. */
function isLeftToWorkflow(attempt: AegisRemediation): boolean {
  const { phase, cancellation } = attempt.status ?? {};
  return isSubmitted(attempt) && (cancellation === undefined || isTerminal(phase));
}

function namesOf(attempts: readonly AegisRemediation[]): ObjectName[] {
  return attempts.map(({ metadata }) => metadata);
}
