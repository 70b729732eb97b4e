import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { aegisRemediations, isTerminal, type AegisRemediation } from '../../crds/remediation.ts';
import type { RemediationPolicySpec } from '../../crds/remediation-policy.ts';
import { workflows } from '../../crds/workflow.ts';
import { NAMESPACE } from '../../devcluster/start/aegis.ts';
import { bindUsers } from '../aggregated/support/users.ts';
import { throughKubeApiserver, type Through } from '../aggregated/support/through.ts';
import { examples, startHarness, type Harness } from '../harness/aegis.ts';
import { eventually } from '../harness/eventually.ts';
import { cachedByWorkers } from '../harness/metrics.ts';
import { applyPolicy } from '../harness/policy.ts';
import { nodeAlert, sendUntilAcknowledged } from '../harness/senders.ts';

const base = `/apis/subresources.aegis.io/v1alpha1/namespaces/${NAMESPACE}`;
const many = 20;

let harness: Harness;
let through: Through;

beforeAll(async () => {
  harness = await startHarness({ extension: true, workers: 3 });
  through = await throughKubeApiserver(harness.cluster);
  await harness.cluster.kubectl(['apply', '-f', join(examples, 'nodehasemergencyevent.yaml')]);
  const approver = ['aegis-view', 'aegis-approve'] as const;
  await bindUsers(harness.cluster, { jane: approver, joe: approver, ann: approver });
}, 180_000);

afterEach(async () => {
  await harness.cluster.kubectl(['delete', 'aegisremediationpolicy', '--all']);
  await cachedByWorkers(harness, 'aegisremediationpolicies', 0);
  await harness.cluster.kubectl(['delete', 'aegisalert', '--all', '-A', '--wait=true']);
  // Their attempts and Workflows follow; a Workflow whose worker saw an old cache is released by the next resync.
  await eventually('the Workflows to be gone', async () => (await workflowNames()).length === 0, { withinMs: 90_000 });
}, 120_000);

afterAll(async () => {
  through.close();
  await harness.stop();
}, 60_000);

function policy(name: string, spec: Partial<RemediationPolicySpec>): Promise<void> {
  return applyPolicy(harness.cluster, name, spec);
}

function fire(prefix: string, status: 'Firing' | 'Resolved' = 'Firing'): Promise<unknown> {
  const names = Array.from({ length: many }, (_, index) => `${prefix}-${index}`);
  return Promise.all(names.map((name) => sendUntilAcknowledged(harness.ingest, nodeAlert(name, { status }))));
}

async function attempts(): Promise<AegisRemediation[]> {
  return (await harness.client(aegisRemediations).list({ namespace: NAMESPACE })).items;
}

/** All attempts, once all alerts have one and each stands as it should. */
function allAre(what: string, holds: (one: AegisRemediation) => boolean): Promise<AegisRemediation[]> {
  return eventually(
    `${many} attempts to be ${what}`,
    async () => {
      const all = await attempts();
      return all.length === many && all.every(holds) && all;
    },
    { withinMs: 60_000 },
  );
}

const is =
  (...phases: string[]) =>
  ({ status }: AegisRemediation): boolean =>
    phases.includes(status?.phase ?? '');

async function workflowNames(): Promise<string[]> {
  return (await harness.client(workflows).list({ namespace: NAMESPACE })).items.map(({ metadata }) => metadata.name);
}

async function approve(user: string, { metadata, spec }: AegisRemediation): Promise<number> {
  const path = `${base}/aegisremediations/${metadata.name}/approve`;
  const { status } = await through.ask(user, { method: 'POST', path, body: { manifestHash: spec.manifestHash } });
  return status;
}

const byUsers = (required: number): Partial<RemediationPolicySpec> => ({
  approval: { required, requesterMayApprove: false, timeout: '10m' },
});

/** Returns the recorded approvers. */
const approvers = ({ status }: AegisRemediation): string[] => (status?.approvals ?? []).map(({ user }) => user);

const phasesOf = ({ status }: AegisRemediation): string[] => (status?.timeline ?? []).map(({ phase }) => phase);

/** Each attempt is planned by one of three workers, all of which must have the policy. */
function known(): Promise<void> {
  return cachedByWorkers(harness, 'aegisremediationpolicies', 1);
}

describe('three workers and concurrent decisions of users', () => {
  it('three workers make one Workflow for each attempt after two of three simultaneous approvals', async () => {
    await policy('together', byUsers(2));
    await known();
    await fire('together');
    const waiting = await allAre('waiting for approval', is('AwaitingApproval'));
    const answers = await Promise.all(
      waiting.flatMap((one) => ['jane', 'joe', 'ann'].map((user) => approve(user, one))),
    );
    // The third approval is recorded before the worker runs, or refused because it is not needed any more.
    expect(answers.filter((code) => ![200, 409].includes(code))).toEqual([]);
    const submitted = await allAre('submitted', is('Submitted', 'Running'));
    for (const one of submitted) expect(new Set(approvers(one)).size).toBeGreaterThanOrEqual(2);
    expect((await workflowNames()).sort()).toEqual(submitted.map(({ metadata }) => metadata.name).sort());
  }, 120_000);

  it('three workers never run an attempt that was resolved before its approval', async () => {
    await policy('resolved', byUsers(1));
    await known();
    await fire('resolved');
    const waiting = await allAre('waiting for approval', is('AwaitingApproval'));
    let resolvedAt = Number.POSITIVE_INFINITY;
    const resolving = fire('resolved', 'Resolved').then(() => (resolvedAt = performance.now()));
    const late = new Set<string>();
    const answers = await Promise.all(
      waiting.map(async (one, index) => {
        // From the same moment to seconds later, when no approval counts any more.
        await new Promise((resolve) => setTimeout(resolve, index * 200));
        if (performance.now() - resolvedAt > 2_000) late.add(one.metadata.name);
        return approve('jane', one);
      }),
    );
    await resolving;
    expect(late.size).toBeGreaterThan(0);
    const settled = await allAre('decided', (one) => isTerminal(one.status?.phase) || is('Submitted', 'Running')(one));
    const made = await workflowNames();
    expect(made.filter((name) => late.has(name))).toEqual([]);
    for (const [index, one] of waiting.entries()) {
      const now = settled.find(({ metadata }) => metadata.uid === one.metadata.uid)!;
      const { name } = now.metadata;
      if (is('Superseded', 'Cancelled')(now)) {
        expect({ name, reason: now.status?.reason }).toEqual({ name, reason: 'AlertResolved' });
        expect(made).not.toContain(name);
      } else {
        // It came first: the approval was taken and is on record before the Workflow.
        expect(answers[index]).toBe(200);
        expect(phasesOf(now).slice(0, 3)).toEqual(['AwaitingApproval', 'Approved', 'Submitted']);
        expect(made).toContain(name);
      }
      if (answers[index] !== 200) expect(made).not.toContain(name);
    }
  }, 120_000);

  it('three workers obey the current policy while it changes', async () => {
    await policy('changing', { pause: [{ reason: 'upgrade' }] });
    await known();
    await fire('changing');
    await allAre('held', is('Blocked'));
    // There is always a policy: attempts that the first one blocks require approval by the next.
    await policy('changing', { ...byUsers(1), pause: [] });
    const waiting = await allAre('waiting for approval', is('AwaitingApproval'));
    expect(await workflowNames()).toEqual([]);
    await Promise.all([
      ...waiting.map((one) => approve('joe', one)),
      policy('changing', { ...byUsers(1), pause: [{ reason: 'again' }] }),
    ]);
    await eventually('everything to be decided or held', async () => {
      const all = await attempts();
      return all.every(
        (one) => is('Submitted', 'Running')(one) || (is('Blocked')(one) && one.status?.reason === 'Paused'),
      );
    });
    const before = new Set(await workflowNames());
    const held = (await attempts()).filter(is('Blocked'));
    expect(held.filter(({ metadata }) => before.has(metadata.name))).toEqual([]);
    await policy('changing', { ...byUsers(1), pause: [] });
    const submitted = await allAre('submitted', is('Submitted', 'Running'));
    for (const one of submitted) expect(approvers(one)).toEqual(['joe']);
    expect((await workflowNames()).sort()).toEqual(submitted.map(({ metadata }) => metadata.name).sort());
  }, 120_000);
});
