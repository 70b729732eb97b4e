import { isResolved, type AegisAlert } from '../../crds/alert.ts';
import { isTerminal, type AegisRemediation } from '../../crds/remediation.ts';
import type { Freshness } from '../../crds/subresources/attempt-view.ts';
import type { AegisRemediationInspection } from '../../crds/subresources/remediation-inspection.ts';
import { subresourceVersion } from '../../crds/subresources/subject.ts';
import { manifestHash } from '../render/index.ts';
import { attemptView } from './attempt-view.ts';
import { gateViews } from './gates.ts';
import type { OutlinedWorkflow } from './outline-text.ts';
import { workflowIn } from './preview.ts';
import { subjectOf } from './subject.ts';
import { timelineOf } from './timeline.ts';
import type { ClusterView } from '../cluster-view.ts';

/** The number of other attempts that are shown, the newest. */
const maxSiblings = 32;

/** The facts about an attempt. */
export interface RemediationInspectionFacts {
  remediation: AegisRemediation;
  /** The alert that has the name now. */
  alert: AegisAlert | undefined;
  /** All attempts for the alert, oldest first. */
  attempts: readonly AegisRemediation[];
  workflow: OutlinedWorkflow | undefined;
  cluster: ClusterView;
  now: Date;
  freshness: Freshness;
}

/** Returns the description of an attempt, its gates and its result; pure. */
export function inspectRemediation(facts: RemediationInspectionFacts): AegisRemediationInspection {
  const { remediation, attempts, workflow, freshness } = facts;
  const { metadata, spec, status } = remediation;
  const alert = facts.alert?.metadata.uid === spec.alertRef.uid ? facts.alert : undefined;
  const open = !isTerminal(status?.phase);
  const submitted = status?.workflowRef !== undefined || workflow !== undefined;
  const others = attempts.filter(({ metadata: { name } }) => name !== metadata.name).slice(-maxSiblings);
  const manifest = workflowIn(spec.manifest);
  return {
    apiVersion: subresourceVersion,
    kind: 'AegisRemediationInspection',
    metadata: subjectOf(remediation),
    alert: {
      name: spec.alertRef.name,
      found: alert !== undefined,
      ...(alert && { status: isResolved(alert) ? 'Resolved' : 'Firing' }),
      decidedFor: spec.alertStatus,
    },
    remediation: attemptView(remediation, workflow, { alert, now: facts.now }),
    open,
    gates: open && !submitted && alert !== undefined ? gateViews(remediation, { ...facts, alert }) : [],
    manifest: {
      hash: spec.manifestHash,
      intact: manifestHash(spec.manifest) === spec.manifestHash,
      ...(manifest && { workflow: manifest }),
    },
    siblings: others.map((other) => ({ name: other.metadata.name, phase: other.status?.phase ?? 'Pending' })),
    timeline: timelineOf(alert, [{ remediation, workflow }]),
    freshness,
  };
}
