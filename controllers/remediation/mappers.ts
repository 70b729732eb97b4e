import type { AegisAlert } from '../../crds/alert.ts';
import { isTerminal, type AegisRemediation, type RemediationTarget } from '../../crds/remediation.ts';
import type { AegisRemediationPolicy } from '../../crds/remediation-policy.ts';
import { concernedBy, concernedByEnd } from '../../remediation/budget/waiting.ts';
import { byAlert, byEpisodes, byRule, byTarget } from '../../remediation/attempts/indexes.ts';
import { mayBeSupersededBy } from '../../remediation/locks/superseded-by-risk.ts';
import { rivalsOf } from '../../remediation/cluster-view.ts';
import type { Caches } from '../caches.ts';
import { waitsForBreaker } from '../../remediation/gates/circuit-breaker.ts';
import { submissionFailed } from '../../remediation/attempts/submission.ts';

/** Finds the attempts that may go on when another object has changed. */
export function waitingAttempts({
  alerts,
  policies,
  remediations,
}: Pick<Caches, 'alerts' | 'policies' | 'remediations'>) {
  const attemptsOf = (alert: AegisAlert): readonly AegisRemediation[] =>
    remediations.byIndex(byAlert.name, alert.metadata.uid ?? '');

  return {
    /** The attempts of an alert that are not over. */
    openOf: (alert: AegisAlert) => attemptsOf(alert).filter(({ status }) => !isTerminal(status?.phase)),

    /** A new episode of an alert is a word about what was done for the one before. */
    verifiedBefore: (alert: AegisAlert) =>
      byEpisodes
        .of(alert)
        .flatMap((value) => alerts.byIndex(byEpisodes.name, value))
        .flatMap(attemptsOf)
        .filter(isVerifying),

    /** Of the same rule, those that let this attempt try first. */
    behindBreaker: ({ spec: { ruleRef }, status }: AegisRemediation) =>
      ruleRef === undefined || !isTerminal(status?.phase)
        ? []
        : remediations.byIndex(byRule.name, `${ruleRef.namespace}/${ruleRef.name}`).filter(waitsForBreaker),

    /** Attempts that wait for this one: until it is over or could not begin, and some only until it begins. */
    for: (remediation: AegisRemediation, deleted: boolean): AegisRemediation[] => {
      const { metadata, spec, status } = remediation;
      const isOver = deleted || isTerminal(status?.phase);
      const siblings = isOver ? remediations.byIndex(byAlert.name, spec.alertRef.uid) : [];
      const letsGo = isOver || submissionFailed(remediation);
      const rivals = rivalsOf(remediation, remediations).filter(
        (other) => letsGo || mayBeSupersededBy(other, remediation),
      );
      return [
        ...siblings.filter((other) => other.metadata.uid !== metadata.uid && !isTerminal(other.status?.phase)),
        ...rivals.filter((other) => !isSubmitted(other)),
      ];
    },

    /** Attempts for which there may be room in a budget once this one is over. */
    forBudgetOf: (remediation: AegisRemediation) =>
      isTerminal(remediation.status?.phase)
        ? concernedByEnd(remediation, policies.list(), () => remediations.list())
        : [],

    /** Attempts for which there may be room in the budget of a policy. */
    forBudget: (policy: AegisRemediationPolicy) => concernedBy(policy, remediations.list()),

    /** Attempts in which policies have a say. */
    forPolicies: () => remediations.list().filter((one) => !isSubmitted(one) || isVerifying(one)),

    /** Attempts of which is not known yet whether they helped an object. */
    forHealthOf: (target: RemediationTarget) =>
      byTarget
        .values(target)
        .flatMap((value) => remediations.byIndex(byTarget.name, value))
        .filter(isVerifying),
  };
}

/** Whether its Workflow is on record, or it is over. */
export function isSubmitted({ status }: AegisRemediation): boolean {
  return status?.workflowRef !== undefined || isTerminal(status?.phase);
}

function isVerifying({ status }: AegisRemediation): boolean {
  return status?.phase === 'Verifying';
}
