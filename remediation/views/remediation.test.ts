import { describe, expect, it } from '@jest/globals';
import { AegisRemediationInspection } from '../../crds/subresources/remediation-inspection.ts';
import { anAlert, aRemediation, aRule, aTemplate, aWorkflow, noon } from '../../test/builders/objects.ts';
import { aCluster } from '../../test/builders/cluster.ts';
import { createPlanner } from '../planning/plan.ts';
import { inspectRemediation, type RemediationInspectionFacts } from './remediation.ts';
import { compileTemplate } from '../render/index.ts';

const planned = createPlanner(compileTemplate)({ alert: anAlert(), rule: aRule(), template: aTemplate(), attempt: 1 });
const manifest = planned.ok ? planned.remediation.spec : undefined;
const attempt = aRemediation({
  spec: { ...manifest, approval: { required: 2 } },
  status: {
    phase: 'AwaitingApproval',
    approvals: [
      { user: 'bob', via: 'kubectl', time: '2026-01-02T12:00:05Z', decision: 'Approved' },
      { user: 'bob', via: 'slack', time: '2026-01-02T12:00:06Z', decision: 'Approved' },
    ],
  },
});

function inspect(changes: Partial<RemediationInspectionFacts> = {}): AegisRemediationInspection {
  const inspection = inspectRemediation({
    remediation: attempt,
    alert: anAlert(),
    attempts: [attempt],
    workflow: undefined,
    cluster: aCluster(),
    now: noon,
    freshness: { source: 'Cache', now: '2026-01-02T12:00:00Z', lastHeard: {} },
    ...changes,
  });
  return AegisRemediationInspection.parse(inspection);
}

describe('the inspection of an attempt', () => {
  it('the inspection of an attempt shows its Workflow, and whether it equals the decided manifest', () => {
    const { manifest: shown } = inspect();
    expect(shown).toMatchObject({ intact: true, workflow: { kind: 'Workflow' } });
    const changed = { ...attempt, spec: { ...attempt.spec, manifest: '{}' } };
    expect(inspect({ remediation: changed }).manifest).toEqual({ hash: attempt.spec.manifestHash, intact: false });
  });

  it('the inspection of an attempt counts users, not decisions', () => {
    expect(inspect().remediation.approvals).toMatchObject({ required: 2, given: 1 });
    expect(inspect().remediation.approvals.decisions).toHaveLength(2);
  });

  it('the inspection of an attempt counts only users that the gate counts', () => {
    const spec = { ...attempt.spec, requestedBy: { username: 'bob', via: 'kubectl' as const } };
    expect(inspect({ remediation: { ...attempt, spec } }).remediation.approvals).toMatchObject({ given: 0 });
  });

  it('the inspection of an attempt evaluates the gates while it is open and was not submitted', () => {
    expect(inspect().gates.length).toBeGreaterThan(0);
    expect(inspect({ workflow: aWorkflow() }).gates).toEqual([]);
    const over = { ...attempt, status: { phase: 'Rejected' as const } };
    expect(inspect({ remediation: over })).toMatchObject({ open: false, gates: [] });
  });

  it('the inspection of an attempt distinguishes another alert of the same name from its own', () => {
    expect(inspect().alert).toMatchObject({ found: true, status: 'Firing', decidedFor: 'Firing' });
    const other = anAlert({ metadata: { uid: 'alert-2' } });
    expect(inspect({ alert: other })).toMatchObject({ alert: { found: false }, gates: [] });
  });

  it('the inspection of an attempt names its siblings and not itself', () => {
    const sibling = aRemediation({ metadata: { name: 'sibling', uid: 'u2' }, status: { phase: 'Running' } });
    expect(inspect({ attempts: [attempt, sibling] }).siblings).toEqual([{ name: 'sibling', phase: 'Running' }]);
  });
});
