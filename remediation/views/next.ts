import { templateKey, type TemplateKey } from '../../rules/escalation.ts';
import type { Matching } from '../../rules/match.ts';
import { attemptsMade, callsForMore, decideNextAttempt, exhausted, type NextAttempt } from '../planning/next.ts';
import { startedFor } from '../planning/trigger.ts';
import type { AegisAlert } from '../../crds/alert.ts';
import type { AegisRemediation } from '../../crds/remediation.ts';
import { attemptLimitsOf } from '../policies/attempt-limits.ts';
import type { ClusterView } from '../cluster-view.ts';

export interface NextFacts {
  alert: AegisAlert;
  /** All attempts for the alert, oldest first. */
  attempts: readonly AegisRemediation[];
  matching: Matching;
  cluster: ClusterView;
  now: Date;
}

/** Returns the step after the attempts that an alert has had, as the worker decides it. */
export function nextOf({ alert, attempts, matching, cluster, now }: NextFacts): NextAttempt {
  const last = startedFor(alert, attempts);
  if (last === undefined || !callsForMore(alert, last)) return { outcome: 'none' };
  const limits = attemptLimitsOf(cluster.policies(), { remediation: last, alert });
  const rule = matching.outcome === 'Matched' ? matching.rule : undefined;
  return decideNextAttempt({ alert, attempts, last, limits, rule, now });
}

/** Returns why the next attempt will not be made at its time; another template may concern other policies. */
export function whyNotAllowed(planned: AegisRemediation, { alert, attempts, cluster }: NextFacts): string | undefined {
  const { maxAttempts, verified } = attemptLimitsOf(cluster.policies(), { remediation: planned, alert });
  if (verified && attemptsMade(alert, attempts) < maxAttempts) return undefined;
  const last = startedFor(alert, attempts);
  return last && exhausted(last, 'no policy allows a further attempt with this template').message;
}

/** Returns the template of the next attempt, automatic or manual. */
export function templateOfNext(facts: NextFacts): TemplateKey | undefined {
  if (facts.matching.outcome !== 'Matched') return undefined;
  const next = nextOf(facts);
  const step = next.outcome === 'wait' || next.outcome === 'due' ? next.template : undefined;
  return step ?? templateKey(facts.matching.rule);
}
