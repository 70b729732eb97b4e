import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { aegisRemediations, type AegisRemediation } from '../../crds/remediation.ts';
import type { MaintenanceWindow, RemediationPolicySpec } from '../../crds/remediation-policy.ts';
import { workflows } from '../../crds/workflow.ts';
import { NAMESPACE } from '../../devcluster/start/aegis.ts';
import { runKubectl, type Transcript } from '../aggregated/support/kubectl.ts';
import { bindUsers } from '../aggregated/support/users.ts';
import { examples, startHarness, type Harness } from '../harness/aegis.ts';
import { eventually } from '../harness/eventually.ts';
import { applyPolicy } from '../harness/policy.ts';
import { nodeAlert, post } from '../harness/senders.ts';

const subresources = `/apis/subresources.aegis.io/v1alpha1/namespaces/${NAMESPACE}`;

let harness: Harness;

beforeAll(async () => {
  harness = await startHarness({ extension: true, workerArgs: ['--resync-interval=5s'] });
  await harness.cluster.kubectl(['apply', '-f', join(examples, 'nodehasemergencyevent.yaml')]);
  await bindUsers(harness.cluster, {
    jane: ['aegis-view', 'aegis-approve'],
    joe: ['aegis-view', 'aegis-approve'],
    ann: ['aegis-view', 'aegis-approve'],
  });
}, 180_000);

afterEach(async () => {
  await harness.cluster.kubectl(['delete', 'aegisremediationpolicies', '--all']);
});

afterAll(async () => {
  await harness.stop();
}, 60_000);

function policy(name: string, spec: Partial<RemediationPolicySpec>): Promise<void> {
  return applyPolicy(harness.cluster, name, spec);
}

/** An attempt on a node, for an alert of its own; the worker knew the policies when it planned it. */
async function attempt(fingerprint: string, node: string, planned: (one: AegisRemediation) => boolean = () => true) {
  for (let round = 0; round < 20; round += 1) {
    const name = `${fingerprint}-${round}`;
    const changes = { involvedObject: { kind: 'Node', name: node }, details: { node } };
    await post(`${harness.ingest[0] ?? ''}/default/alert`, nodeAlert(name, changes));
    const made = await eventually(`an attempt for ${name}`, async () => {
      const { items } = await harness.client(aegisRemediations).list({ namespace: NAMESPACE });
      const alerts = await harness.cluster.kubectl(['get', 'aegisalerts', '-n', NAMESPACE, '-o', 'json']);
      const { items: known } = JSON.parse(alerts) as {
        items: { metadata: { uid: string }; spec: { fingerprint: string } }[];
      };
      const uid = known.find(({ spec }) => spec.fingerprint === name)?.metadata.uid;
      return items.find((one) => one.spec.alertRef.uid === uid);
    });
    if (planned(made)) return made;
  }
  throw new Error('the policy never came to be known');
}

function reaches({ metadata }: AegisRemediation, phase: string, reason?: string): Promise<AegisRemediation> {
  return eventually(`${metadata.name} to be ${phase} ${reason ?? ''}`, async () => {
    const found = await harness.client(aegisRemediations).get(metadata);
    return found.status?.phase === phase && (reason ?? found.status.reason) === found.status.reason && found;
  });
}

async function hasWorkflow({ metadata }: AegisRemediation): Promise<boolean> {
  return (await harness.client(workflows).find(metadata)) !== undefined;
}

/** Returns the counts of dry runs in the status of the rule. */
async function dryRunsOfRule(): Promise<{ wouldSubmit: number; wouldWait: number; wouldBeRefused: number }> {
  const args = ['get', 'aegisalertopsrule', 'nodehasemergencyevent', '-o', 'jsonpath={.status.dryRuns}'];
  return JSON.parse(await harness.cluster.kubectl(args)) as Awaited<ReturnType<typeof dryRunsOfRule>>;
}

/** The same, counted from the attempts themselves. */
async function endedDryRuns(): Promise<Awaited<ReturnType<typeof dryRunsOfRule>>> {
  const { items } = await harness.client(aegisRemediations).list({ namespace: NAMESPACE });
  const ended = (reason: string): number => items.filter(({ status }) => status?.reason === reason).length;
  return { wouldSubmit: ended('WouldSubmit'), wouldWait: ended('WouldWait'), wouldBeRefused: ended('WouldBeRefused') };
}

function approve(user: string, group: string, { metadata, spec }: AegisRemediation): Promise<Transcript> {
  const args = ['create', '--raw', `${subresources}/aegisremediations/${metadata.name}/approve`, '-f', '-'];
  const body = { manifestHash: spec.manifestHash };
  return runKubectl(harness.cluster, [...args, `--as=${user}`, `--as-group=${group}`], body);
}

/** From some hours from now to some later, in UTC. */
function hours(mode: MaintenanceWindow['mode'], from: number, to: number): MaintenanceWindow {
  const at = (shift: number): string => `${new Date(Date.now() + shift * 3_600_000).toISOString().slice(11, 13)}:00`;
  return { mode, start: at(from), end: at(to), timeZone: 'UTC' };
}

const byGroup = {
  approval: { required: 1, approverGroups: ['sre'], requesterMayApprove: false, timeout: '10m' },
  cooldown: '1h',
};

const needsApproval = ({ spec }: AegisRemediation): boolean => (spec.approval?.required ?? 0) > 0;

describe('a policy with an approval, a window and a cool-down', () => {
  it('a policy runs what its group approved in its window, and then leaves the target alone for its cool-down', async () => {
    await policy('careful', { ...byGroup, maintenanceWindows: [hours('OnlyDuring', 2, 4)] });
    const first = await attempt('careful', 'node-careful', needsApproval);
    expect(first.spec.approval).toMatchObject({ required: 1, approverGroups: ['sre'] });
    const waiting = await reaches(first, 'AwaitingApproval', 'ApprovalPending');
    expect(waiting.status?.blockedUntil).toBe(first.spec.approval?.expiresAt);

    const refused = await approve('ann', 'dev', first);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('only members of sre may approve it');
    expect(await approve('jane', 'sre', first)).toMatchObject({ code: 0 });
    const outside = await reaches(first, 'Blocked', 'MaintenanceWindow');
    expect(outside.status?.message).toContain('policy careful: only in');
    expect(Date.parse(outside.status?.blockedUntil ?? '')).toBeGreaterThan(Date.now());
    expect(outside.status?.approvals).toMatchObject([
      { user: 'jane', groups: expect.arrayContaining(['sre']) as unknown },
    ]);
    expect(await hasWorkflow(first)).toBe(false);

    await policy('careful', { ...byGroup, maintenanceWindows: [hours('OnlyDuring', -2, 2)] });
    await reaches(first, 'Submitted');
    await harness.client(workflows).patch(first.metadata, { status: { phase: 'Succeeded' } });
    const { status } = await reaches(first, 'Succeeded');

    const second = await attempt('again', 'node-careful', needsApproval);
    await reaches(second, 'AwaitingApproval');
    expect(await approve('jane', 'sre', second)).toMatchObject({ code: 0 });
    const cooling = await reaches(second, 'Blocked', 'CoolingDown');
    expect(cooling.status?.message).toContain(first.metadata.name);
    const end = Date.parse(status?.completionTime ?? '') + 3_600_000;
    expect(Date.parse(cooling.status?.blockedUntil ?? '')).toBe(end);
    expect(await hasWorkflow(second)).toBe(false);
  }, 120_000);

  it('an approval of a user who has lost the right to approve does not count at submission', async () => {
    const pause = [{ reason: 'freeze' }];
    await policy('guarded', { ...byGroup, pause });
    const made = await attempt('revoked', 'node-revoked', needsApproval);
    await reaches(made, 'AwaitingApproval');
    expect(await approve('joe', 'sre', made)).toMatchObject({ code: 0 });
    await reaches(made, 'Blocked', 'Paused');
    await harness.cluster.kubectl(['delete', 'rolebinding', 'aegis-approve-joe', '-n', NAMESPACE]);
    await policy('guarded', byGroup);
    const { status } = await reaches(made, 'AwaitingApproval', 'ApprovalPending');
    expect(status?.message).toContain('0 of 1 approvals');
    expect(status?.message).toContain('the approval of joe does not count: may not approve it any more');
    expect(await hasWorkflow(made)).toBe(false);
    expect(await approve('jane', 'sre', made)).toMatchObject({ code: 0 });
    await reaches(made, 'Submitted');
  }, 120_000);

  it('F20: an attempt without approval in time is denied, and nothing runs', async () => {
    await policy('hasty', { approval: { ...byGroup.approval, timeout: '3s' } });
    const made = await attempt('late', 'node-late', needsApproval);
    const { status } = await reaches(made, 'Expired', 'ApprovalExpired');
    expect(status?.message).toContain('expired with 0 of 1 required approvals');
    expect((await approve('jane', 'sre', made)).stderr).toContain('Expired');
    expect(await hasWorkflow(made)).toBe(false);
  }, 60_000);
});

describe('a policy with storm control', () => {
  it('storm control blocks attempts of rules while too many alerts come in, and releases them when the policy is changed', async () => {
    await policy('storm', { ...byGroup, stormControl: { alerts: 2, window: '1h', cooldown: '1h' } });
    for (const name of ['first', 'second']) await attempt(`storm-${name}`, `node-storm-${name}`);
    const third = await attempt('storm-third', 'node-storm-third', needsApproval);
    await reaches(third, 'AwaitingApproval');
    expect(await approve('jane', 'sre', third)).toMatchObject({ code: 0 });
    const { status } = await reaches(third, 'Blocked', 'AlertStorm');
    expect(status?.message).toMatch(/new alerts within 3600 s, more than the 2 that policy storm allows/);
    expect(Date.parse(status?.blockedUntil ?? '')).toBeGreaterThan(Date.now() + 3_600_000);
    expect(await hasWorkflow(third)).toBe(false);
    await policy('storm', byGroup);
    await reaches(third, 'Submitted');
  }, 60_000);
});

describe('a policy with a circuit breaker', () => {
  it('kubectl get shows the open circuit breakers of a policy, and that it can be evaluated', async () => {
    await policy('breaker', { circuitBreaker: { failures: 1, openFor: '1h' } });
    const made = await attempt('breaker', 'node-breaker');
    await reaches(made, 'Submitted');
    await harness.client(workflows).patch(made.metadata, { status: { phase: 'Failed' } });
    const { status } = await reaches(made, 'Failed');
    const show = (...output: string[]) =>
      harness.cluster.kubectl(['get', 'aegisremediationpolicy', 'breaker', '--no-headers', ...output]);
    await eventually('the breaker to be shown', async () => /\bOpen +True\b/.test(await show()));
    const openUntil = await show('-o', 'jsonpath={.status.breakers[0].openUntil}');
    expect(Date.parse(openUntil)).toBe(Date.parse(status?.completionTime ?? '') + 3_600_000);
    const next = await attempt('breaker-next', 'node-breaker-next');
    await reaches(next, 'Blocked', 'CircuitOpen');
  }, 60_000);
});

describe('the policy of the guide', () => {
  it('the policy of the guide can be applied', async () => {
    const args = ['apply', '--dry-run=server', '-f', join(examples, 'policy.yaml')];
    expect(await harness.cluster.kubectl(args)).toContain('created');
  });
});

describe('a policy that allows dry runs only', () => {
  it('a policy that allows dry runs only turns an attempt of a rule into a dry run with its result', async () => {
    await policy('staging', { dryRun: true, maintenanceWindows: [hours('OnlyDuring', 2, 4)] });
    const made = await attempt('staging', 'node-staging', ({ spec }) => spec.dryRun === true);
    const { status } = await reaches(made, 'DryRun');
    expect(status?.message).toMatch(/^would have waited at maintenance-window \(MaintenanceWindow: .*policy staging/);
    expect(await hasWorkflow(made)).toBe(false);
  }, 60_000);
});

describe('a rule that allows dry runs only', () => {
  it('a rule that allows dry runs only shows their results on its status', async () => {
    const patch = ['patch', 'aegisalertopsrule', 'nodehasemergencyevent', '--type=merge', '-p'];
    await harness.cluster.kubectl([...patch, '{"spec":{"dryRun":true}}']);
    const made = await attempt('rehearsed', 'node-rehearsed', ({ spec }) => spec.dryRun === true);
    await reaches(made, 'DryRun', 'WouldSubmit');
    expect(await hasWorkflow(made)).toBe(false);
    const counted = await eventually('the counts', async () => {
      const shown = await dryRunsOfRule();
      return isDeepStrictEqual(shown, await endedDryRuns()) && shown;
    });
    expect(counted.wouldSubmit).toBeGreaterThan(0);
    await harness.cluster.kubectl([...patch, '{"spec":{"dryRun":false}}']);
  }, 60_000);
});
