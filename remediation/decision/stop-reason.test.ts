import { describe, expect, it } from '@jest/globals';
import type { AegisAlert } from '../../crds/alert.ts';
import type { AegisRemediationPolicy } from '../../crds/remediation-policy.ts';
import type { AttemptReason } from '../../crds/reasons.ts';
import type { Workflow } from '../../crds/workflow.ts';
import { anAlert, aPolicy, aRemediation, aWorkflow, noon } from '../../test/builders/objects.ts';
import { aCluster } from '../../test/builders/cluster.ts';
import { decideRemediation } from './decide.ts';
import { foundOut } from '../../test/builders/facts.ts';

const stop = aPolicy({ metadata: { name: 'stop' }, spec: { onResolve: 'Stop' } });
const letFinish = aPolicy({ metadata: { name: 'finish' } });
const over = anAlert({ spec: { status: 'Resolved' } });
const workflowRef = { name: 'default-disk-0123456789-abcde', namespace: 'monitoring', uid: 'workflow-1' };

function decide(
  workflow: Workflow,
  {
    policies = [letFinish, stop],
    alert = over,
    reason = 'WorkflowRunning',
    alertStatus = 'Firing' as const,
  }: {
    policies?: AegisRemediationPolicy[];
    alert?: AegisAlert;
    reason?: AttemptReason;
    alertStatus?: 'Firing' | 'Resolved';
  } = {},
) {
  return decideRemediation({
    remediation: aRemediation({
      spec: { alertStatus },
      status: { phase: 'Running', reason, startTime: '2026-01-02T12:00:00Z', workflowRef },
    }),
    alert,
    siblings: [],
    episodes: [],
    cluster: aCluster({ policies }),
    target: { known: false },
    workflow,
    run: foundOut,
    deadlines: { start: 600_000, grace: 60_000 },
    now: noon,
  });
}

const running = aWorkflow({ phase: 'Running' });

describe('a running Workflow when its alert resolves', () => {
  it.each([
    ['no policy', []],
    ['policies that let it finish', [letFinish]],
    ['a policy about something else', [aPolicy({ spec: { onResolve: 'Stop', selector: { namespaces: ['x'] } } })]],
  ])('a running Workflow finishes after the resolve with %s', (_, policies) => {
    expect(decide(running, { policies })).toMatchObject({ stop: false, standing: { reason: 'WorkflowRunning' } });
  });

  it('a running Workflow is stopped by the resolve where one policy says so, whatever the others say', () => {
    expect(decide(running)).toMatchObject({ stop: true, standing: { phase: 'Running', reason: 'Stopping' } });
    expect(decide(running, { alert: anAlert() })).toMatchObject({ stop: false });
  });

  it('a stopped attempt is Cancelled when it has ended, and has failed when it failed by itself before', () => {
    const ended = { phase: 'Cancelled', reason: 'AlertResolved' };
    expect(decide(aWorkflow({ phase: 'Failed' }), { reason: 'Stopping' })).toMatchObject({ standing: ended });
    const told = aWorkflow({ phase: 'Failed' }, {}, { shutdown: 'Terminate' });
    expect(decide(told)).toMatchObject({ standing: ended });
    expect(decide(aWorkflow({ phase: 'Failed' }))).toMatchObject({ standing: { reason: 'WorkflowFailed' } });
  });

  it('an attempt has succeeded when its Workflow did so before it could be stopped', () => {
    expect(decide(aWorkflow({ phase: 'Succeeded' }), { reason: 'Stopping' })).toMatchObject({
      standing: { phase: 'Succeeded' },
    });
  });

  it('an attempt is not stopped by the resolve that started it', () => {
    expect(decide(running, { alertStatus: 'Resolved' as never })).toMatchObject({ stop: false });
  });
});
