import { reconcileAlert } from './alert/reconcile.ts';
import { ruleReconciler } from './rule/reconcile.ts';
import { aegisAlerts } from '../crds/alert.ts';
import { aegisAlertOpsRules } from '../crds/ops-rule.ts';
import { aegisOpsTemplates } from '../crds/ops-template.ts';
import { aegisRemediations } from '../crds/remediation.ts';
import { workflows as workflowType } from '../crds/workflow.ts';
import { accessReviews } from '../kube/access-review.ts';
import { systemClock, type Clock } from '../lib/clock.ts';
import type { EventRecorder } from '../kube/events/recorder.ts';
import { leases } from '../kube/kinds/lease.ts';
import { resources } from '../kube/client/resources.ts';
import type { RestClient } from '../kube/client/rest.ts';
import { objectLookup, objectSearch } from '../kube/object-lookup.ts';
import type { Logger } from '../lib/logger.ts';
import { createCompilers } from '../remediation/planning/compilers.ts';
import { skippedEntry } from '../remediation/audit/record.ts';
import { budgetOf } from '../remediation/budget/acquire.ts';
import { sweepBudgets } from '../remediation/budget/sweep.ts';
import type { Acquirable } from '../remediation/locks/acquire.ts';
import type { RemediationPorts } from './remediation/ports.ts';
import { reconcileRemediation } from './remediation/reconcile.ts';
import { isDryRunOutcome } from '../remediation/decision/dry-run.ts';
import { controlPlaneLock, targetLock, type LockKind } from '../remediation/locks/target-lock.ts';
import { templateReconciler } from './template/reconcile.ts';
import { alertPorts } from './alert/kube.ts';
import { createAudit } from './audit/audit.ts';
import { approverRights } from './remediation/approver-rights.ts';
import { budgetPorts } from './budget/kube.ts';
import type { Caches } from './caches.ts';
import { createJustCreated } from './just-created.ts';
import { createLockHolders } from './locks/lock-holders.ts';
import { ruleStatusWriter } from './status-writers.ts';
import { remediationPorts } from './remediation/kube.ts';
import { countRuleUsage, type CountedRuleUsage } from './rule/usage.ts';
import { createLockMemory, createTargetLock } from './locks/target-lock.ts';
import { templatePorts } from './template/kube.ts';
import type { ControllerConfig } from './settings.ts';
import type { Controller, ObjectKey, Reconcile, ReconcileResult } from '../queue/keys.ts';
import type { DomainMetrics } from './metrics.ts';
import { lockSweep } from './locks/sweep.ts';

/** What the domain is connected to. */
export interface ReconcilerOptions {
  readonly config: ControllerConfig;
  readonly rest: RestClient;
  /** Of the release. */
  readonly namespace: string;
  readonly caches: Caches;
  readonly events: Pick<EventRecorder, 'record'>;
  readonly metrics: DomainMetrics;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** How long after its own deadline a Workflow may still call itself running; milliseconds. */
const workflowGraceMs = 10 * 60_000;

/** The one place where the reconciles of the domain are joined with the real world. */
export function createReconcilers(options: ReconcilerOptions): {
  reconcilers: Record<Controller, Reconcile>;
  ruleUsage: CountedRuleUsage;
  /** To be called every minute by one worker. */
  sweepLocks: () => Promise<void>;
  /** To be called every few seconds by one worker. */
  sweepBudgets: () => Promise<void>;
} {
  const { config, rest, namespace, caches, logger, events, metrics, clock } = options;
  const now = (): Date => clock.now();
  const monotonicMs = (): number => clock.monotonicMs();
  const justCreated = createJustCreated(monotonicMs);
  const alerts = resources(rest, aegisAlerts);
  const rules = resources(rest, aegisAlertOpsRules);
  const templates = resources(rest, aegisOpsTemplates);
  const remediations = resources(rest, aegisRemediations);
  const workflows = resources(rest, workflowType);
  const leaseClient = resources(rest, leases);
  const holders = createLockHolders({ caches, remediations });
  const lock = (kind: LockKind): Acquirable =>
    createTargetLock({ kind, leases: leaseClient, namespace, holders, memory: createLockMemory(), now });
  const ruleUsage = countRuleUsage(rules);
  const { observeTrigger, observeStages } = metrics;
  const observePhase: RemediationPorts['observePhase'] = (change) => {
    metrics.observePhase(change);
    const { ruleRef, requestedBy } = change.remediation.spec;
    if (ruleRef === undefined || requestedBy.via !== 'rule' || !isDryRunOutcome(change.reason)) return;
    ruleUsage.dryRunEnded(ruleRef, change.reason);
  };

  const audit = createAudit({ path: config.auditLog, logger, observeFailure: metrics.observeAuditFailure });

  const portsOfAlerts = alertPorts({
    ...{ caches, compilers: createCompilers(), alerts, remediations, justCreated, events, ruleUsage, observeTrigger },
    ...{ now, monotonicMs },
    lookUp: objectLookup(rest, caches.nodes),
    auditSkipped: audit && ((skipped) => void audit(skippedEntry(skipped, now()))),
  });
  const alertOptions = {
    ruleScope: config.ruleScope,
    lifetimeDefaults: {
      afterSuccess: config.ttlAfterSuccess,
      afterFailure: config.ttlAfterFailure,
      afterNoOps: config.ttlAfterNoOps,
      staleAfter: config.staleAfter,
    },
  };
  const alert = (key: ObjectKey) => reconcileAlert(portsOfAlerts, alertOptions, key);
  const budget = budgetPorts({ rest, caches, remediations, now });
  const portsOfRemediations = remediationPorts({
    ...{ caches, alerts, remediations, workflows, justCreated, events, observePhase, observeStages, now },
    audit,
    readTarget: readTargetBy(objectSearch(rest, caches.nodes)),
    // Always in this order, so that no two wait for each other.
    acquirables: [budgetOf(budget), lock(controlPlaneLock), lock(targetLock)],
    whyMayNotApprove: approverRights(accessReviews(rest, { clock: systemClock(), random: Math.random })),
  });
  const deadlines = { start: config.startDeadline, grace: workflowGraceMs };
  const remediation = (key: ObjectKey) => reconcileRemediation(portsOfRemediations, { deadlines }, key);
  const rule = ruleReconciler({
    rules: caches.rules,
    templates: caches.templates,
    writeStatus: ruleStatusWriter(rules),
    now,
  });
  const template = templateReconciler(templatePorts({ caches, templates, workflows, now }));

  return {
    ruleUsage,
    sweepLocks: lockSweep({ leases: leaseClient, namespace, holders, clock, logger }),
    sweepBudgets: () => sweepBudgets(budget),
    reconcilers: {
      alert: interruptible(alert),
      remediation: interruptible(remediation),
      rule: interruptible(withoutResult(rule)),
      template: interruptible(withoutResult(template)),
    },
  };
}

/** What a search says, as a decision takes it. */
function readTargetBy(search: ReturnType<typeof objectSearch>): RemediationPorts['readTarget'] {
  return async (target) => {
    const result = await search(target);
    if (result.outcome === 'found') return { known: true, uid: result.found.uid };
    return { known: result.outcome === 'gone' };
  };
}

/** The domain's own requests end by their deadlines; a run that is told to stop before it starts does not start. */
function interruptible(reconcile: (key: ObjectKey) => Promise<ReconcileResult | undefined>): Reconcile {
  return async (key, signal) => {
    signal.throwIfAborted();
    return reconcile(key);
  };
}

function withoutResult(reconcile: (key: ObjectKey) => Promise<void>): (key: ObjectKey) => Promise<undefined> {
  return async (key) => {
    await reconcile(key);
    return undefined;
  };
}
