import { resolvedAt, resolveLearnedAt } from '../../alerts/resolve-time.ts';
import { isResolved, type AegisAlert } from '../../crds/alert.ts';
import { toTime } from '../../crds/conditions.ts';
import type { StopReason, VerificationReason } from '../../crds/reasons.ts';
import type { AegisRemediation } from '../../crds/remediation.ts';
import { cancelledByUser } from '../approval/cancellation.ts';
import { effectivePolicy, type Verification } from '../policies/effective.ts';
import type { Standing } from '../attempts/status.ts';
import type { NodeFacts, TargetFacts, ClusterView } from '../cluster-view.ts';

/** The inputs of the verification of an attempt. */
export interface VerificationFacts {
  remediation: AegisRemediation;
  /** Absent when it is gone. */
  alert: AegisAlert | undefined;
  /** The other episodes of the same alert: an alert that fires again is a new one. */
  episodes: readonly AegisAlert[];
  cluster: ClusterView;
  target: TargetFacts;
  now: Date;
}
type Facts = VerificationFacts & { alert: AegisAlert };

/** The standing of an attempt whose Workflow has succeeded. */
export interface Verdict {
  standing: Standing;
  /** When time alone changes it. */
  requeueAt?: Date;
}

/** Why an attempt has not helped so far. */
interface Trouble {
  /** The reason while there is time left. */
  reason: VerificationReason;
  /** The reason if that lasts until the timeout; undefined: then its effect is unknown. */
  ineffective?: VerificationReason;
  message: string;
}

type Progress = NonNullable<Standing['verification']>;

const succeeded: Verdict = {
  standing: { phase: 'Succeeded', reason: 'WorkflowSucceeded', message: 'the Workflow succeeded' },
};

/**
 * Returns whether an attempt helped; pure. Without a policy that asks for verification, the success of the Workflow is
 * enough. So it is for an attempt that follows a resolve: then there is no alert that could resolve.
 *
 * @param began when the Workflow began to act
 */
export function verify(facts: VerificationFacts, began: Date): Verdict {
  const { remediation, alert, target, cluster, now } = facts;
  const { spec, status } = remediation;
  if (spec.alertStatus === 'Resolved') return succeeded;
  if (alert?.metadata.uid !== spec.alertRef.uid) return withoutAlert(facts);
  const { verification: rule } = effectivePolicy(cluster.policies(), { remediation, alert, target });
  if (rule === undefined) return succeeded;
  if (status?.cancellation !== undefined) {
    return inconclusive(cancelledByUser, `${status.cancellation.user} cancelled it, and the Workflow had succeeded`);
  }
  const progress = status?.verification ?? { actedAt: toTime(began), since: toTime(now) };
  if (isResolved(alert) && secondOf(resolvedAt(alert, now)) <= Date.parse(progress.actedAt)) {
    const message = `the alert was resolved at ${toTime(resolvedAt(alert, now))}, before the Workflow began to act`;
    return inconclusive('ResolvedBefore', message);
  }
  return watch({ ...facts, alert }, rule, progress);
}

/** Without the alert it is unknown which policies apply; where verification was wanted, the outcome is not a success. */
function withoutAlert({ remediation, cluster }: VerificationFacts): Verdict {
  const isWanted =
    remediation.status?.verification !== undefined ||
    cluster.policies().some(({ spec }) => spec.verification !== undefined);
  return isWanted ? inconclusive('AlertDeleted', 'the alert was deleted') : succeeded;
}

function watch(facts: Facts, rule: Verification, progress: Progress): Verdict {
  const { now } = facts;
  const deadline = new Date(Date.parse(progress.since) + rule.timeoutMs);
  const trouble = troubleOf(facts, deadline);
  if (trouble !== undefined) return now < deadline ? waiting(trouble, progress, deadline) : givenUp(trouble, rule);
  const seen = progress.healthySince === undefined ? now.getTime() : Date.parse(progress.healthySince);
  const since = new Date(secondOf(new Date(Math.max(seen, silentSince(facts).getTime()))));
  const end = new Date(since.getTime() + rule.healthyForMs);
  const verification = { ...progress, healthySince: toTime(since) };
  if (now >= end) {
    const message = `the Workflow succeeded, and the alert stayed resolved and the target healthy for ${inWords(rule.healthyForMs)}`;
    return { standing: { phase: 'Succeeded', reason: 'Verified', message, verification } };
  }
  const message = `the Workflow succeeded, and the alert is resolved and the target healthy since ${toTime(since)}, which must last until ${toTime(end)}`;
  return { standing: { phase: 'Verifying', reason: 'Recovering', message, verification }, requeueAt: end };
}

function waiting({ reason, message }: Trouble, { actedAt, since }: Progress, deadline: Date): Verdict {
  const words = `the Workflow succeeded, but ${message}; timeout at ${toTime(deadline)}`;
  const verification = { actedAt, since };
  return { standing: { phase: 'Verifying', reason, message: words, verification }, requeueAt: deadline };
}

function givenUp({ reason, ineffective, message }: Trouble, { timeoutMs }: Verification): Verdict {
  if (ineffective === undefined) return inconclusive(reason, message);
  const words = `the Workflow succeeded, but after ${inWords(timeoutMs)} ${message}`;
  return { standing: { phase: 'Ineffective', reason: ineffective, message: words } };
}

/** @param deadline a resolve after it came too late, also when the target is healthy by now */
function troubleOf(facts: Facts, deadline: Date): Trouble | undefined {
  const { alert, episodes } = facts;
  const target = targetTrouble(facts);
  if (target !== undefined && target.ineffective === undefined) return target;
  if (!isResolved(alert)) return firing('the alert still fires');
  const again = episodes.find((other) => !isResolved(other));
  if (again !== undefined) return firing(`the alert fires again as ${again.metadata.name}`);
  if (silentSince(facts) > deadline) return firing('the alert still fired');
  return target;
}

function firing(message: string): Trouble {
  return { reason: 'AlertFiring', ineffective: 'AlertStillFiring', message };
}

/** No cache has targets of other kinds than Node: for those the alert alone decides. */
function targetTrouble({ remediation, cluster }: Facts): Trouble | undefined {
  const { kind, name, uid = '' } = remediation.spec.target ?? {};
  if (kind?.toLowerCase() !== 'node' || name === undefined) return undefined;
  const node = cluster.node(name);
  // Alerts may name nodes that the cluster never had.
  if (node === undefined)
    return uid === '' ? undefined : { reason: 'TargetGone', message: `node ${name} no longer exists` };
  if (isReady(node)) return undefined;
  return { reason: 'TargetUnhealthy', ineffective: 'TargetUnhealthy', message: `node ${name} is not Ready` };
}

/** A cordon does not count. */
function isReady({ status }: NodeFacts): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') === true;
}

/** Returns when Aegis received the resolve of the last episode; all of them are resolved. */
function silentSince({ alert, episodes, now }: Facts): Date {
  return new Date(Math.max(...[alert, ...episodes].map((one) => resolveLearnedAt(one, now).getTime())));
}

/** Times of objects have whole seconds; milliseconds since 1970. */
function secondOf(date: Date): number {
  return Math.floor(date.getTime() / 1000) * 1000;
}

function inWords(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}

function inconclusive(reason: VerificationReason | StopReason, message: string): Verdict {
  return { standing: { phase: 'Inconclusive', reason, message: `its effect cannot be determined: ${message}` } };
}
