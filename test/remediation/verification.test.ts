import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aegisAlerts, type AegisAlert } from '../../crds/alert.ts';
import { aegisRemediations, type AegisRemediation } from '../../crds/remediation.ts';
import { workflows, type WorkflowPhase } from '../../crds/workflow.ts';
import { NAMESPACE } from '../../devcluster/start/aegis.ts';
import { startHarness, type Harness } from '../harness/aegis.ts';
import { eventually } from '../harness/eventually.ts';
import { nodeAlert, post } from '../harness/senders.ts';

let harness: Harness;

beforeAll(async () => {
  harness = await startHarness({ workerArgs: ['--resync-interval=5s'] });
}, 180_000);

afterAll(async () => {
  await harness.stop();
}, 60_000);

async function apply(...objects: object[]): Promise<void> {
  for (const object of objects) await harness.cluster.kubectl(['apply', '-f', '-'], JSON.stringify(object));
}

const aegis = (kind: string, name: string, spec: object) => ({
  apiVersion: 'aegis.io/v1alpha1',
  kind,
  metadata: { name, ...(kind === 'AegisRemediationPolicy' ? {} : { namespace: NAMESPACE }) },
  spec,
});

const step = { name: 'start', container: { image: 'busybox', command: ['sh', '-c', 'echo {{.node}}'] } };
const workflow = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Workflow',
  spec: { entrypoint: 'start', templates: [step] },
};

/** A rule for the alert type of its name, with the templates of its ladder and a policy about it. */
async function given(name: string, policy: object, ladder = [name], status = 'Firing'): Promise<void> {
  const [first = name, ...rest] = ladder;
  await apply(
    ...ladder.map((template) => aegis('AegisOpsTemplate', template, { manifest: JSON.stringify(workflow) })),
    aegis('AegisRemediationPolicy', name, { selector: { rules: [name] }, ...policy }),
    aegis('AegisAlertOpsRule', name, {
      alertConditions: [{ type: name, status }],
      opsTemplate: { name: first },
      ...(rest.length > 0 && { escalation: rest.map((template) => ({ name: template })) }),
    }),
  );
}

async function send(type: string, status: 'Firing' | 'Resolved' = 'Firing'): Promise<void> {
  const answer = await post(`${harness.ingest[0] ?? ''}/default/alert`, nodeAlert(type, { type, status }));
  expect(answer).toMatchObject({ status: 200 });
}

/** All attempts for alerts of a type, oldest first. */
async function attemptsFor(type: string): Promise<AegisRemediation[]> {
  const { items } = await harness.client(aegisRemediations).list({ namespace: NAMESPACE });
  const own = items.filter(({ spec }) => spec.alertRef.name.startsWith(`default-${type}-`));
  return own.sort((a, b) => a.spec.attempt - b.spec.attempt);
}

function reaches(type: string, attempt: number, phase: string, reason?: string): Promise<AegisRemediation> {
  return eventually(`attempt ${attempt} of ${type} to be ${phase} ${reason ?? ''}`, async () => {
    const found = (await attemptsFor(type)).find(({ spec }) => spec.attempt === attempt);
    return found?.status?.phase === phase && (reason === undefined || found.status.reason === reason) ? found : false;
  });
}

/** Writes the status that Argo's controller would write about a Workflow that began a while ago. */
async function run({ metadata }: AegisRemediation, phase: WorkflowPhase): Promise<void> {
  const startedAt = new Date(Date.now() - 5_000).toISOString();
  await harness.client(workflows).patch(metadata, { status: { phase, startedAt } });
}

async function ends(type: string, attempt: number, phase: WorkflowPhase): Promise<void> {
  await run(await reaches(type, attempt, 'Submitted'), phase);
}

function exhausted(type: string): Promise<AegisAlert> {
  return eventually(`${type} to call a person`, async () => {
    const { items } = await harness.client(aegisAlerts).list({ namespace: NAMESPACE });
    return items.find(
      ({ spec, status }) =>
        spec.type === type && status?.conditions?.some((condition) => condition.type === 'AttemptsExhausted') === true,
    );
  });
}

async function workflowsFor(type: string): Promise<number> {
  const { items } = await harness.client(workflows).list({ namespace: NAMESPACE });
  return items.filter(({ metadata }) => metadata.name.startsWith(`default-${type}-`)).length;
}

async function calls(alert: AegisAlert): Promise<number> {
  const fields = `involvedObject.name=${alert.metadata.name},reason=AttemptsExhausted`;
  const args = ['get', 'events', '-n', NAMESPACE, `--field-selector=${fields}`, '-o', 'name'];
  return (await harness.cluster.kubectl(args)).split('\n').filter((line) => line !== '').length;
}

describe('after the Workflow succeeded', () => {
  it('an attempt succeeds when its alert stays silent after the Workflow, which may be deleted meanwhile', async () => {
    await given('mended', { verification: { healthyFor: '2s', timeout: '10m' } });
    await send('mended');
    await ends('mended', 1, 'Succeeded');
    const watched = await reaches('mended', 1, 'Verifying', 'AlertFiring');
    await harness.client(workflows).delete(watched.metadata);
    await eventually('the Workflow to go', async () => (await workflowsFor('mended')) === 0);
    await send('mended', 'Resolved');
    const { status } = await reaches('mended', 1, 'Succeeded', 'Verified');
    expect(status?.timeline?.map(({ phase, reason }) => `${phase} ${reason ?? ''}`)).toEqual(
      expect.arrayContaining(['Verifying AlertFiring', 'Verifying Recovering', 'Succeeded Verified']),
    );
  });

  it('the verification of an attempt continues when its alert fires again, and requires a healthy node', async () => {
    await apply({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-again' } });
    await given('again', { verification: { healthyFor: '1h', timeout: '2h' } });
    await send('again');
    await ends('again', 1, 'Succeeded');
    await reaches('again', 1, 'Verifying', 'AlertFiring');
    await send('again', 'Resolved');
    await reaches('again', 1, 'Verifying', 'TargetUnhealthy');
    const ready = JSON.stringify({ status: { conditions: [{ type: 'Ready', status: 'True', reason: 'x' }] } });
    await harness.cluster.kubectl(['patch', 'node', 'node-again', '--subresource=status', '-p', ready]);
    await reaches('again', 1, 'Verifying', 'Recovering');
    await send('again');
    const first = await eventually('the first attempt to see it', async () =>
      (await attemptsFor('again')).find(({ status }) => status?.reason === 'AlertFiring'),
    );
    expect(first.status?.message).toContain('the alert fires again as default-again-');
  });

  it('a rule for the resolved alert does not wait for the verification', async () => {
    const both = { selector: { rules: ['undone', 'undo'] } };
    await given('undone', { ...both, verification: { healthyFor: '1h', timeout: '2h' } });
    await send('undone');
    await ends('undone', 1, 'Succeeded');
    await reaches('undone', 1, 'Verifying');
    const rule = {
      alertConditions: [{ type: 'undone', status: 'Resolved' }],
      opsTemplate: { name: 'undone' },
    };
    await apply(aegis('AegisAlertOpsRule', 'undo', rule));
    await send('undone', 'Resolved');
    const undoing = (phase: string) =>
      eventually(`what undoes it to be ${phase}`, async () =>
        (await attemptsFor('undone')).find(
          ({ spec, status }) => spec.alertStatus === 'Resolved' && status?.phase === phase,
        ),
      );
    await run(await undoing('Submitted'), 'Succeeded');
    expect((await undoing('Succeeded')).status).toMatchObject({ reason: 'WorkflowSucceeded' });
    const phases = (await attemptsFor('undone')).map(
      ({ spec, status }) => `${spec.alertStatus} ${status?.phase ?? ''}`,
    );
    expect(phases.sort()).toEqual(['Firing Verifying', 'Resolved Succeeded']);
  });
});

describe('an alert that goes on', () => {
  it('F15: an alert that goes on is acted upon again only after the pause, with the next step of the ladder', async () => {
    const verification = { healthyFor: '0s', timeout: '2s' };
    await given('climbs', { maxAttempts: 2, backoff: '4s', verification }, ['climbs', 'climbs-higher']);
    await send('climbs');
    await ends('climbs', 1, 'Succeeded');
    const first = await reaches('climbs', 1, 'Ineffective', 'AlertStillFiring');
    const second = await reaches('climbs', 2, 'Submitted');
    expect(second.spec.templateRef.name).toBe('climbs-higher');
    const pause = Date.parse(second.metadata.creationTimestamp ?? '') - Date.parse(first.status?.completionTime ?? '');
    expect(pause).toBeGreaterThanOrEqual(4_000);
    await run(second, 'Succeeded');
    await reaches('climbs', 2, 'Ineffective');
    const alert = await exhausted('climbs');
    for (let index = 0; index < 5; index += 1) await send('climbs');
    await eventually('the repetitions to be counted', async () => {
      const { status } = await harness.client(aegisAlerts).get(alert.metadata);
      return status?.count === 6;
    });
    expect(await workflowsFor('climbs')).toBe(2);
  });

  it('F2: an alert whose Workflows always fail gets as many as the policy allows, and then one escalation to a user', async () => {
    const policy = { maxAttempts: 3, backoff: '1s', verification: { healthyFor: '0s', timeout: '1s' } };
    await given('fails', policy, ['fails', 'fails-2', 'fails-3', 'fails-4']);
    await send('fails');
    for (const attempt of [1, 2, 3]) {
      await ends('fails', attempt, 'Failed');
      await reaches('fails', attempt, 'Failed', 'WorkflowFailed');
    }
    const alert = await exhausted('fails');
    expect(alert.status?.conditions).toContainEqual(
      expect.objectContaining({ message: expect.stringContaining('3 of 3 attempts were made') as unknown }),
    );
    await eventually('the event', async () => (await calls(alert)) === 1);
    await send('fails');
    await eventually('a resync or two', async () => {
      const { status } = await harness.client(aegisAlerts).get(alert.metadata);
      return status?.count === 2;
    });
    expect(await workflowsFor('fails')).toBe(3);
    expect(await calls(alert)).toBe(1);
    expect((await attemptsFor('fails')).map(({ spec }) => spec.templateRef.name)).toEqual([
      'fails',
      'fails-2',
      'fails-3',
    ]);
  });
});

describe('a resolve', () => {
  it('a resolve stops a running Workflow where a policy says so', async () => {
    await given('stops', { onResolve: 'Stop' });
    await send('stops');
    await ends('stops', 1, 'Running');
    const running = await reaches('stops', 1, 'Running');
    await send('stops', 'Resolved');
    await reaches('stops', 1, 'Running', 'Stopping');
    const { spec } = await harness.client(workflows).get(running.metadata);
    expect(spec).toMatchObject({ shutdown: 'Terminate' });
    await run(running, 'Failed');
    await reaches('stops', 1, 'Cancelled', 'AlertResolved');
  });
});
