import { aegisAlerts, isResolved, type AegisAlert } from '../../crds/alert.ts';
import { aegisRemediations, isTerminal, type AegisRemediation } from '../../crds/remediation.ts';
import { objectLookup } from '../../kube/object-lookup.ts';
import { resources } from '../../kube/client/resources.ts';
import { skippedEntry } from '../../remediation/audit/record.ts';
import { waitsForRules } from '../../remediation/planning/trigger.ts';
import type { CompiledRule } from '../../rules/compile.ts';
import type { WatchedCaches } from '../caches.ts';
import type { Controller, ControllerContext, Registration } from '../controller.ts';
import { alertChanged, attemptChanged, isSettledAlert, policyChanged, specChanged } from '../predicates.ts';
import { itself, watch, type ObjectName } from '../watch.ts';
import { alertPorts } from './kube.ts';
import { reconcileAlert } from './reconcile.ts';

/** Finds the rule of an alert, creates its attempts, writes its status and deletes it when its time is over. */
export const alertRegistration: Registration = {
  name: 'alert',
  create: (context) => ({ watches: watches(context), reconcile: reconciler(context) }),
};

function reconciler(context: ControllerContext): Controller['reconcile'] {
  const { config, rest, caches, events, metrics, clock, shared } = context;
  const { compilers, justCreated, ruleUsage, audit, rules } = shared;
  const now = (): Date => clock.now();
  const ports = alertPorts({
    ...{ caches, compilers, justCreated, events, ruleUsage, now },
    alerts: resources(rest, aegisAlerts),
    remediations: resources(rest, aegisRemediations),
    observeTrigger: metrics.observeTrigger,
    monotonicMs: () => clock.monotonicMs(),
    match: (alert) => rules.match(alert),
    lookUp: objectLookup(rest, caches.nodes),
    auditSkipped: audit && ((skipped) => void audit(skippedEntry(skipped, now()))),
  });
  const lifetimeDefaults = {
    afterSuccess: config.ttlAfterSuccess,
    afterFailure: config.ttlAfterFailure,
    afterNoOps: config.ttlAfterNoOps,
    staleAfter: config.staleAfter,
  };
  return (key) => reconcileAlert(ports, lifetimeDefaults, key);
}

function watches({ caches, shared }: ControllerContext): Controller['watches'] {
  const { alerts, rules, templates, policies, remediations } = caches;
  return [
    watch(alerts, {
      kind: 'AegisAlert',
      when: alertChanged,
      map: itself,
      reason: (alert) => (shared.rules.concerns(alert) ? 'change' : 'unmatched'),
      resync: { map: itself, settled: isSettledAlert },
    }),
    watch(rules, {
      kind: 'AegisAlertOpsRule',
      when: specChanged,
      map: (rule) => namesOf(affectedBy(shared.compilers.rule(rule), caches)),
    }),
    watch(templates, {
      kind: 'AegisOpsTemplate',
      when: specChanged,
      map: () => namesOf(alerts.list().filter((alert) => waitsForRules(alert) && !isUnmatched(alert))),
    }),
    watch(policies, {
      kind: 'AegisRemediationPolicy',
      when: policyChanged,
      map: () => namesOf(alerts.list().filter(mayGetAnotherAttempt)),
    }),
    watch(remediations, {
      kind: 'AegisRemediation',
      when: attemptChanged,
      map: (attempt) => (showsInAlert(attempt) ? alertOf(attempt) : []),
      reason: () => 'record',
      resync: { map: alertOf, settled: ({ status }) => isTerminal(status?.phase) },
    }),
  ];
}

/** Returns the alerts for which a changed rule may start something, or stop another rule from being the only one. */
function affectedBy({ mayBeAbout, judge }: CompiledRule, { alerts }: Pick<WatchedCaches, 'alerts'>): AegisAlert[] {
  // Alerts are many and their types few.
  const byType = new Map<string, boolean>();
  const isAbout = ({ spec: { type } }: AegisAlert): boolean => {
    const about = byType.get(type) ?? mayBeAbout(type);
    byType.set(type, about);
    return about;
  };
  return alerts
    .list()
    .filter(waitsForRules)
    .filter((alert) => !isUnmatched(alert) || (isAbout(alert) && judge(alert).verdict !== 'mismatch'));
}

function isUnmatched({ status }: AegisAlert): boolean {
  return status?.opsStatus?.triggerStatus === 'RuleNotFound';
}

/** A policy may allow another attempt after one that failed. */
function mayGetAnotherAttempt(alert: AegisAlert): boolean {
  return !isResolved(alert) && alert.status?.opsStatus?.alertOpsStatus === 'Failed';
}

/** An attempt without a phase says no more than that it was created, which its alert knows. */
function showsInAlert({ status }: AegisRemediation): boolean {
  return status?.phase !== undefined;
}

function alertOf({ metadata: { namespace = '' }, spec: { alertRef } }: AegisRemediation): ObjectName[] {
  return [{ namespace, name: alertRef.name }];
}

function namesOf(alerts: readonly AegisAlert[]): ObjectName[] {
  return alerts.map(({ metadata }) => metadata);
}
