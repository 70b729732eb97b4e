import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { aegisAlerts, type AegisAlert } from '../../crds/alert.ts';
import { workflowFinalizer } from '../../crds/labels.ts';
import { aegisRemediations, type AegisRemediation } from '../../crds/remediation.ts';
import { workflows, type Workflow, type WorkflowPhase } from '../../crds/workflow.ts';
import { NAMESPACE } from '../../devcluster/start/aegis.ts';
import { examples, startHarness, type Harness } from '../harness/aegis.ts';
import { eventually } from '../harness/eventually.ts';
import { nodeAlert, post, type SentAlert } from '../harness/senders.ts';

/** Kubernetes' garbage collector learns of new kinds every half minute. */
const patiently = { withinMs: 75_000 };

let harness: Harness;

beforeAll(async () => {
  harness = await startHarness({ workerArgs: ['--start-deadline=8s', '--resync-interval=5s'] });
  await harness.cluster.kubectl(['apply', '-f', join(examples, 'nodehasemergencyevent.yaml')]);
}, 120_000);

afterAll(async () => {
  await harness.stop();
}, 60_000);

async function send(alert: SentAlert): Promise<void> {
  expect(await post(`${harness.ingest[0] ?? ''}/default/alert`, alert)).toMatchObject({ status: 200 });
}

function alertOf(fingerprint: string, holds: (alert: AegisAlert) => boolean = () => true): Promise<AegisAlert> {
  return eventually(`the alert ${fingerprint}`, async () => {
    const { items } = await harness.client(aegisAlerts).list();
    return items.find((alert) => alert.spec.fingerprint === fingerprint && holds(alert));
  });
}

function triggered(fingerprint: string, status: string): Promise<AegisAlert> {
  return alertOf(fingerprint, (alert) => alert.status?.opsStatus?.triggerStatus === status);
}

function ops(fingerprint: string, state: string): Promise<AegisAlert> {
  return alertOf(fingerprint, (alert) => alert.status?.opsStatus?.alertOpsStatus === state);
}

async function attemptOf(
  alert: AegisAlert,
  holds: (one: AegisRemediation) => boolean = () => true,
): Promise<AegisRemediation> {
  return eventually(`an attempt for ${alert.metadata.name}`, async () => {
    const { items } = await harness.client(aegisRemediations).list({ namespace: NAMESPACE });
    return items.find((one) => one.spec.alertRef.uid === alert.metadata.uid && holds(one));
  });
}

function workflowOf(attempt: AegisRemediation): Promise<Workflow> {
  return eventually(`the Workflow ${attempt.metadata.name}`, () => harness.client(workflows).find(attempt.metadata));
}

/** Writes the phase that Argo's controller would write. */
async function run(attempt: AegisRemediation, phase: WorkflowPhase, message = ''): Promise<void> {
  await harness
    .client(workflows)
    .patch(attempt.metadata, { status: { phase, message, startedAt: new Date().toISOString() } });
}

async function started(fingerprint: string): Promise<{ alert: AegisAlert; attempt: AegisRemediation }> {
  await send(nodeAlert(fingerprint));
  const alert = await triggered(fingerprint, 'Triggered');
  const attempt = await attemptOf(alert, ({ status }) => status?.phase === 'Submitted');
  return { alert, attempt };
}

describe('an alert that a rule matches', () => {
  it('an alert that a rule matches becomes a Workflow with the name of its attempt, and shows its result', async () => {
    const { alert, attempt } = await started('whole');
    expect(attempt.metadata.name).toMatch(new RegExp(`^${alert.metadata.name}-[0-9a-z]{5}$`));
    const workflow = await workflowOf(attempt);
    expect(workflow.metadata.ownerReferences?.[0]).toMatchObject({
      kind: 'AegisRemediation',
      uid: attempt.metadata.uid,
    });
    expect(workflow.metadata.annotations?.['aegis.io/manifest-hash']).toBe(attempt.spec.manifestHash);
    expect(JSON.stringify(workflow.spec)).toContain('kubectl cordon node-whole');
    await run(attempt, 'Running');
    await ops('whole', 'Running');
    await run(attempt, 'Succeeded');
    const done = await ops('whole', 'Succeeded');
    expect(done.status?.opsStatus).toMatchObject({ total: 1, active: 0, succeeded: 1, failed: 0 });
    expect(done.status?.remediations).toEqual([
      { name: attempt.metadata.name, rule: `${NAMESPACE}/nodehasemergencyevent`, phase: 'Succeeded' },
    ]);
    await eventually('the Workflow to be let go', async () => {
      const { metadata } = await workflowOf(attempt);
      return metadata.finalizers?.includes(workflowFinalizer) !== true;
    });
  });

  it('an alert that is sent again after its Workflow succeeded is not remediated again', async () => {
    const { alert, attempt } = await started('again');
    await run(attempt, 'Succeeded');
    await ops('again', 'Succeeded');
    for (let index = 0; index < 20; index += 1) await send(nodeAlert('again'));
    const counted = await alertOf('again', ({ status }) => status?.count === 21);
    expect(counted.metadata.uid).toBe(alert.metadata.uid);
    expect(counted.status?.opsStatus?.total).toBe(1);
  });

  it.each([
    ['Failed', 'WorkflowFailed'],
    ['Error', 'WorkflowErrored'],
  ] as const)('an attempt whose Workflow ends as %s fails with its message', async (phase, reason) => {
    const fingerprint = `ends-${phase.toLowerCase()}`;
    const { alert, attempt } = await started(fingerprint);
    await run(attempt, phase, 'exit code 3');
    await ops(fingerprint, 'Failed');
    const { status } = await attemptOf(alert);
    expect(status).toMatchObject({
      phase: 'Failed',
      reason,
      message: expect.stringContaining('exit code 3') as unknown,
    });
  });

  it('an attempt whose Workflow is deleted fails, and the Workflow goes', async () => {
    const { alert, attempt } = await started('deleted');
    await harness.client(workflows).delete(attempt.metadata);
    await ops('deleted', 'Failed');
    expect((await attemptOf(alert)).status).toMatchObject({ reason: 'WorkflowDeleted' });
    await eventually(
      'the Workflow to be gone',
      async () => (await harness.client(workflows).find(attempt.metadata)) === undefined,
    );
  });

  it('an attempt whose Workflow Argo does not start in time fails, and the Workflow is terminated', async () => {
    const { alert, attempt } = await started('never');
    await ops('never', 'Failed');
    expect((await attemptOf(alert)).status).toMatchObject({ reason: 'WorkflowNotStarted' });
    expect((await workflowOf(attempt)).spec).toMatchObject({ shutdown: 'Terminate' });
  }, 60_000);

  it('a resolved alert lets its running Workflow finish', async () => {
    const { attempt } = await started('resolved-running');
    await run(attempt, 'Running');
    await ops('resolved-running', 'Running');
    await send(nodeAlert('resolved-running', { status: 'Resolved' }));
    await alertOf('resolved-running', ({ status }) => status?.status === 'Resolved');
    await run(attempt, 'Succeeded');
    await ops('resolved-running', 'Succeeded');
  });

  it('an alert is deleted after its time to live, with its attempts and Workflows in every namespace', async () => {
    await harness.cluster.kubectl(['create', 'namespace', 'elsewhere']);
    await apply(
      template('elsewhere', 'echo {{.node}}', { namespace: 'elsewhere' }),
      rule('elsewhere', 'Elsewhere', 'elsewhere'),
    );
    await send(nodeAlert('elsewhere', { type: 'Elsewhere' }));
    const alert = await triggered('elsewhere', 'Triggered');
    const attempt = await attemptOf(alert, ({ status }) => status?.phase === 'Submitted');
    const ref = attempt.status?.workflowRef ?? { name: '', namespace: '' };
    expect(ref.namespace).toBe('elsewhere');
    await harness.client(workflows).patch(ref, { status: { phase: 'Succeeded' } });
    await ops('elsewhere', 'Succeeded');
    await harness.client(aegisAlerts).patch(alert.metadata, { spec: { ttlStrategy: { secondsAfterSuccess: 1 } } });
    await send(nodeAlert('elsewhere', { type: 'Elsewhere', status: 'Resolved' }));
    await eventually(
      'alert, attempt and Workflow to be gone',
      async () => {
        const left = [
          await harness.client(aegisAlerts).find(alert.metadata),
          await harness.client(aegisRemediations).find(attempt.metadata),
          await harness.client(workflows).find(ref),
        ];
        return left.every((object) => object === undefined);
      },
      patiently,
    );
  }, 90_000);

  it('a deleted alert takes its attempts and Workflows with it', async () => {
    const { alert, attempt } = await started('removed');
    await run(attempt, 'Succeeded');
    await ops('removed', 'Succeeded');
    await harness.client(aegisAlerts).delete(alert.metadata);
    await eventually(
      'attempt and Workflow to be gone',
      async () => {
        const left = [
          await harness.client(aegisRemediations).find(attempt.metadata),
          await harness.client(workflows).find(attempt.metadata),
        ];
        return left.every((object) => object === undefined);
      },
      patiently,
    );
  }, 90_000);
});

const rule = (name: string, type: string, template: string, changes: object = {}): string =>
  JSON.stringify({
    apiVersion: 'aegis.io/v1alpha1',
    kind: 'AegisAlertOpsRule',
    metadata: { name, namespace: NAMESPACE },
    spec: { alertConditions: [{ type, status: 'Firing' }], opsTemplate: { name: template }, ...changes },
  });

const template = (name: string, command: string, changes: object = {}): string =>
  JSON.stringify({
    apiVersion: 'aegis.io/v1alpha1',
    kind: 'AegisOpsTemplate',
    metadata: { name, namespace: NAMESPACE },
    spec: {
      ...changes,
      manifest: JSON.stringify({
        apiVersion: 'argoproj.io/v1alpha1',
        kind: 'Workflow',
        spec: {
          entrypoint: 'start',
          templates: [{ name: 'start', container: { image: 'busybox', command: ['sh', '-c', command] } }],
        },
      }),
    },
  });

async function apply(...objects: string[]): Promise<void> {
  for (const object of objects) await harness.cluster.kubectl(['apply', '-f', '-'], object);
}

describe('an alert that waits', () => {
  it('a waiting alert is triggered as soon as a rule and its template exist', async () => {
    await send(nodeAlert('waits', { type: 'Waits' }));
    await triggered('waits', 'RuleNotFound');
    await apply(rule('waits', 'Waits', 'waits'));
    await triggered('waits', 'TemplateNotFound');
    await apply(template('waits', 'echo {{.unknown}}'));
    const invalid = await triggered('waits', 'TemplateInvalid');
    expect(invalid.status?.conditions?.find(({ type }) => type === 'Triggered')?.message).toContain('unknown');
    await apply(template('waits', 'echo {{.node}}'));
    await triggered('waits', 'Triggered');
  });

  it('a waiting alert names all rules that tie, and is triggered when one gets a higher priority', async () => {
    await apply(template('tie', 'echo {{.node}}'), rule('tie-a', 'Tie', 'tie'), rule('tie-b', 'T.e', 'tie'));
    await send(nodeAlert('tie', { type: 'Tie' }));
    const { status } = await triggered('tie', 'TooManyRulesFound');
    expect(status?.conditions?.find(({ type }) => type === 'Triggered')?.message).toMatch(/tie-a.*tie-b/);
    await apply(rule('tie-b', 'T.e', 'tie', { priority: 1 }));
    const alert = await triggered('tie', 'Triggered');
    expect((await attemptOf(alert)).spec.ruleRef?.name).toBe('tie-b');
  });

  it('a waiting alert names the invalid rule, whose status says so itself', async () => {
    await apply(rule('broken', 'Broken(', 'tie', { selector: { matchLabels: { only: 'this' } } }));
    await send(nodeAlert('broken', { type: 'SomethingElse', details: { only: 'this' } }));
    const { status } = await triggered('broken', 'RuleErrorFound');
    expect(status?.conditions?.find(({ type }) => type === 'Triggered')?.message).toContain('monitoring/broken');
    const ready = [
      'get',
      'aegisalertopsrule',
      'broken',
      '-o',
      'jsonpath={.status.conditions[?(@.type=="Ready")].reason}',
    ];
    await eventually('the condition Ready', async () => (await harness.cluster.kubectl(ready)) === 'RuleInvalid');
  });

  it('an alert is triggered beside alerts that cannot be remediated', async () => {
    await send(nodeAlert('evil', { details: { node: 'x; rm -rf /' } }));
    await triggered('evil', 'TemplateInvalid');
    await started('beside-evil');
  });
});

describe('rules and templates', () => {
  it('rules and templates show whether they are valid and how often they were used', async () => {
    const ready = (kind: string): Promise<string> =>
      harness.cluster.kubectl([
        'get',
        kind,
        'nodehasemergencyevent',
        '-o',
        'jsonpath={.status.conditions[?(@.type=="Ready")].status}',
      ]);
    await eventually('the rule to be ready', async () => (await ready('aegisalertopsrule')) === 'True');
    await eventually('the template to be ready', async () => (await ready('aegisopstemplate')) === 'True');
    const triggeredCount = ['get', 'aegisalertopsrule', 'nodehasemergencyevent', '-o', 'jsonpath={.status.triggered}'];
    await eventually('the counter', async () => Number(await harness.cluster.kubectl(triggeredCount)) >= 1);
  });
});
