import type { AegisAlert } from '../../crds/alert.ts';
import type { AegisAlertOpsRule } from '../../crds/ops-rule.ts';
import { timeMs } from '../../lib/time.ts';
import { cutText } from '../../lib/text.ts';
import type { RemediationPhase, RemediationTarget, Requester } from '../../crds/remediation.ts';
import type { RemediationFacts } from '../decision/facts.ts';
import { concerns } from '../policies/matching.ts';
import { canonicalJson, manifestHash } from '../render/manifest.ts';

/** An alert without an attempt, and the reason. */
export interface SkippedAlert {
  readonly alert: AegisAlert;
  /** The rule that matched, if one did. */
  readonly rule?: AegisAlertOpsRule | undefined;
  /** The trigger status. */
  readonly reason: string;
  readonly message: string;
}

/** `Submitting` is written before the Workflow is created; every other decision is the phase that follows from it. */
export type AuditDecision = RemediationPhase | 'Submitting';

/** The content of an audit record. */
export type AuditEntry = AttemptEntry | SkippedEntry;

/** A decision about an attempt, as in the audit file; without manifest, comments and values of the alert. */
export interface AttemptEntry {
  /** RFC 3339, with milliseconds. */
  readonly time: string;
  readonly decision: AuditDecision;
  readonly reason: string;
  readonly message: string;
  readonly alert: { readonly namespace: string; readonly name: string; readonly uid: string };
  readonly remediation: { readonly namespace: string; readonly name: string; readonly uid: string };
  /** `namespace/name@generation`; absent when a user requested the template itself. */
  readonly rule?: string;
  /** `namespace/name@generation` */
  readonly template: string;
  readonly target?: RemediationTarget;
  readonly attempt: number;
  readonly requestedBy: Pick<Requester, 'username' | 'via'>;
  readonly approvals: readonly { readonly user: string; readonly via: string; readonly decision: string }[];
  readonly cancelledBy?: { readonly user: string; readonly via: string };
  /** Names of the policies that concern it, or may concern it, sorted. */
  readonly policies: readonly string[];
  /** `sha256:` and the digest of their names and specs. */
  readonly policyHash: string;
  readonly manifestHash: string;
  /** Milliseconds from the start of the alert until it was stored, the attempt planned, its Workflow created, and now. */
  readonly sinceStart: { readonly [step in 'received' | 'planned' | 'submitted' | 'decided']?: number };
}

/** The decision to make no attempt for an alert, as in the audit file. */
export interface SkippedEntry extends Pick<AttemptEntry, 'time' | 'reason' | 'message' | 'alert' | 'rule'> {
  readonly decision: 'Skipped';
}

const maxMessage = 1024;

/** Returns the audit record of a decision; pure. */
export function auditEntry(
  facts: RemediationFacts,
  { decision, reason, message }: Pick<AttemptEntry, 'decision' | 'reason' | 'message'>,
): AttemptEntry {
  const { remediation, now } = facts;
  const { metadata, spec, status = {} } = remediation;
  const { alertRef, ruleRef, templateRef, target, attempt, requestedBy, manifestHash: planHash } = spec;
  const { namespace = '', name, uid = '' } = metadata;
  const { approvals = [], cancellation } = status;
  return {
    time: now.toISOString(),
    decision,
    reason,
    message: cutText(message, maxMessage),
    alert: { namespace, name: alertRef.name, uid: alertRef.uid },
    remediation: { namespace, name, uid },
    ...(ruleRef && { rule: originOf(ruleRef) }),
    template: originOf(templateRef),
    ...(target && { target }),
    attempt,
    requestedBy: { username: requestedBy.username, via: requestedBy.via },
    approvals: approvals.map(({ user, via, decision: said }) => ({ user, via, decision: said })),
    ...(cancellation && { cancelledBy: { user: cancellation.user, via: cancellation.via } }),
    ...policiesOf(facts),
    manifestHash: planHash,
    sinceStart: latenciesOf(facts),
  };
}

/** Returns the audit record of an alert for which no attempt is made; pure. */
export function skippedEntry({ alert, rule, reason, message }: SkippedAlert, now: Date): SkippedEntry {
  const { namespace = '', name, uid = '' } = alert.metadata;
  return {
    time: now.toISOString(),
    decision: 'Skipped',
    reason,
    message: cutText(message, maxMessage),
    alert: { namespace, name, uid },
    ...(rule && { rule: originOf({ namespace: '', generation: 0, ...rule.metadata }) }),
  };
}

function originOf({ namespace, name, generation }: { namespace: string; name: string; generation: number }): string {
  return `${namespace}/${name}@${generation}`;
}

function policiesOf({
  remediation,
  alert,
  target,
  cluster,
}: RemediationFacts): Pick<AttemptEntry, 'policies' | 'policyHash'> {
  const all = alert === undefined ? [] : cluster.policies();
  const concerned = all
    .filter((policy) => alert !== undefined && concerns(policy, { remediation, alert, target }) !== 'no')
    .map(({ metadata: { name }, spec }) => ({ name, spec }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
  return { policies: concerned.map(({ name }) => name), policyHash: manifestHash(canonicalJson(concerned)) };
}

function latenciesOf({ alert, remediation, now }: RemediationFacts): AttemptEntry['sinceStart'] {
  const start = timeMs(alert?.spec.startsAt) ?? timeMs(alert?.metadata.creationTimestamp);
  if (start === undefined) return {};
  const times = {
    received: timeMs(alert?.metadata.creationTimestamp),
    planned: timeMs(remediation.metadata.creationTimestamp),
    submitted: timeMs(remediation.status?.startTime),
    decided: now.getTime(),
  };
  const known = Object.entries(times).flatMap(([step, time]) => (time === undefined ? [] : [[step, time - start]]));
  return Object.fromEntries(known) as AttemptEntry['sinceStart'];
}
