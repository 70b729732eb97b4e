import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { policyPause, policyResume } from '../../apiserver/aggregated/subresources/policy-decisions.ts';
import {
  remediationApprove,
  remediationCancel,
  remediationReject,
} from '../../apiserver/aggregated/subresources/remediation-decisions.ts';
import { aegisAlerts } from '../../crds/alert.ts';
import { aegisRemediations, type AegisRemediation } from '../../crds/remediation.ts';
import { aegisRemediationPolicies } from '../../crds/remediation-policy.ts';
import { workflows } from '../../crds/workflow.ts';
import { aPolicy } from '../builders/objects.ts';
import { eventually } from '../harness/eventually.ts';
import { startSubresourceFixture, type SubresourceFixture, type Said } from './support/subresource-fixture.ts';

let fixture: SubresourceFixture;

beforeAll(async () => {
  fixture = await startSubresourceFixture();
}, 180_000);

afterAll(async () => {
  await fixture.stop();
}, 60_000);

function approve(
  who: Parameters<SubresourceFixture['ask']>[1],
  { metadata, spec }: AegisRemediation,
  more: object = {},
): Promise<Said> {
  const body = { manifestHash: spec.manifestHash, ...more };
  return fixture.ask(remediationApprove(fixture.context), who, metadata.name, { body });
}

function reject(who: string, { metadata, spec }: AegisRemediation, comment: string): Promise<Said> {
  const body = { manifestHash: spec.manifestHash, comment };
  return fixture.ask(remediationReject(fixture.context), who, metadata.name, { body });
}

function cancel(who: string, { metadata }: AegisRemediation, comment?: string): Promise<Said> {
  const body = comment === undefined ? {} : { comment };
  return fixture.ask(remediationCancel(fixture.context), who, metadata.name, { body });
}

async function waiting(
  name: string,
  spec: Parameters<SubresourceFixture['attempt']>[1] = {},
): Promise<AegisRemediation> {
  return fixture.reaches(await fixture.attempt(name, spec), 'AwaitingApproval');
}

function current({ metadata }: AegisRemediation): Promise<AegisRemediation> {
  return fixture.harness.client(aegisRemediations).get(metadata);
}

describe('an attempt that requires two approvals', () => {
  it('an attempt that requires two approvals is submitted when two different users have approved', async () => {
    const attempt = await waiting('two');
    expect(attempt.status).toMatchObject({ reason: 'ApprovalPending', blockedUntil: expect.any(String) as unknown });
    const first = await approve('jane', attempt, { comment: 'looks right' });
    expect(first).toMatchObject({ code: 200, object: { status: { approvals: [{ user: 'jane', via: 'kubectl' }] } } });
    expect(first.object).not.toHaveProperty('metadata.managedFields');
    await eventually('the message', async () =>
      (await current(attempt)).status?.message?.startsWith('1 of 2 approvals (jane)'),
    );
    expect(await fixture.hasWorkflow(attempt)).toBe(false);
    expect(await approve('joe', attempt)).toMatchObject({ code: 200 });
    const { status } = await fixture.reaches(attempt, 'Submitted');
    expect(status?.approvals?.map(({ user }) => user)).toEqual(['jane', 'joe']);
    expect(status?.timeline?.map(({ phase }) => phase)).toEqual(['AwaitingApproval', 'Approved', 'Submitted']);
    expect(await fixture.hasWorkflow(attempt)).toBe(true);
    expect(fixture.events).toContain(`ApprovalGiven: jane approved ${attempt.metadata.name} (kubectl): looks right`);
  });

  it('repeated approvals of one user count once', async () => {
    const attempt = await waiting('once');
    for (let index = 0; index < 3; index += 1) expect(await approve('jane', attempt)).toMatchObject({ code: 200 });
    expect((await current(attempt)).status?.approvals).toHaveLength(1);
    expect(await fixture.hasWorkflow(attempt)).toBe(false);
    expect(await cancel('jane', attempt)).toMatchObject({ code: 200 });
  });

  it('one rejection ends an attempt', async () => {
    const attempt = await waiting('no');
    await approve('jane', attempt);
    expect(await reject('joe', attempt, 'wrong node')).toMatchObject({ code: 200 });
    const rejected = await fixture.reaches(attempt, 'Rejected', 'ApprovalRejected');
    expect(rejected.status?.message).toBe('joe rejected it: wrong node');
    expect(await approve('ann', attempt)).toMatchObject({
      code: 409,
      message: expect.stringContaining('Rejected') as unknown,
    });
    expect(await fixture.hasWorkflow(attempt)).toBe(false);
    await eventually('the alert to say so', async () => {
      const alert = await fixture.harness.client(aegisAlerts).get({ ...attempt.metadata, name: 'no' });
      return alert.status?.remediations?.[0]?.phase === 'Rejected';
    });
  });

  it('an attempt is denied when its approvals do not arrive in time', async () => {
    const expiresAt = new Date(Date.now() + 4_000).toISOString();
    const attempt = await waiting('late', { approval: { required: 1, expiresAt } });
    await fixture.reaches(attempt, 'Expired', 'ApprovalExpired');
    expect(await approve('jane', attempt)).toMatchObject({ code: 409 });
    expect(await fixture.hasWorkflow(attempt)).toBe(false);
  });

  it('an attempt that awaits approval ends with its alert', async () => {
    const attempt = await waiting('resolved');
    const client = fixture.harness.client(aegisAlerts);
    await client.patch({ ...attempt.metadata, name: 'resolved' }, { spec: { status: 'Resolved' } });
    await fixture.reaches(attempt, 'Superseded', 'AlertResolved');
    expect(await approve('jane', attempt)).toMatchObject({ code: 409 });
  });
});

describe('a decision on an attempt that is refused', () => {
  it('an approval without the manifest hash is refused with 400, and the message says where to find the hash', async () => {
    const said = await fixture.ask(remediationApprove(fixture.context), 'jane', 'x', {});
    expect(said).toMatchObject({ code: 400, message: expect.stringContaining('spec.manifestHash') as unknown });
  });

  it('an approval is refused with 404 for a missing attempt and with 403 for a user who may not read it', async () => {
    const body = { manifestHash: '0' };
    expect(await fixture.ask(remediationApprove(fixture.context), 'jane', 'nothing', { body })).toMatchObject({
      code: 404,
    });
    fixture.forbidden.add('get aegisremediations');
    expect(await fixture.ask(remediationApprove(fixture.context), 'jane', 'nothing', { body })).toMatchObject({
      code: 403,
    });
    fixture.forbidden.clear();
    expect(fixture.asked.at(-1)).toBe('get aegisremediations/nothing');
  });

  it('an approval is refused for another manifest hash, by the requester, and from outside the groups', async () => {
    const attempt = await waiting('refusals', {
      approval: { required: 1, approverGroups: ['gpu'] },
      requestedBy: { username: 'carol', via: 'kubectl' },
    });
    const gpu = (name: string) => ({ name, groups: ['gpu'] });
    expect(await approve(gpu('jane'), attempt, { manifestHash: `sha256:${'1'.repeat(64)}` })).toMatchObject({
      code: 409,
    });
    expect(await approve('jane', attempt)).toMatchObject({
      code: 403,
      message: expect.stringContaining('gpu') as unknown,
    });
    expect(await approve(gpu('carol'), attempt)).toMatchObject({ code: 403 });
    expect((await current(attempt)).status).not.toHaveProperty('approvals');
    const bare = attempt.spec.manifestHash.replace('sha256:', '');
    const program = { body: { manifestHash: bare }, userAgent: 'python-requests/2' };
    const said = await fixture.ask(remediationApprove(fixture.context), gpu('jane'), attempt.metadata.name, program);
    expect(said).toMatchObject({ code: 200, object: { status: { approvals: [{ via: 'api' }] } } });
    await fixture.reaches(attempt, 'Submitted');
  });

  it('an approval as a dry run returns the result and changes nothing', async () => {
    const attempt = await waiting('rehearsed');
    const before = fixture.events.length;
    const said = await fixture.ask(remediationApprove(fixture.context), 'jane', attempt.metadata.name, {
      body: { manifestHash: attempt.spec.manifestHash },
      dryRun: true,
    });
    expect(said).toMatchObject({ code: 200, object: { status: { approvals: [{ user: 'jane' }] } } });
    expect((await current(attempt)).status).not.toHaveProperty('approvals');
    expect(fixture.events).toHaveLength(before);
    await cancel('jane', attempt);
  });
});

describe('concurrent approvals', () => {
  it('none of twenty concurrent approvals is lost while a worker writes the status', async () => {
    const attempt = await waiting('crowd', { approval: { required: 10 } });
    const users = Array.from({ length: 20 }, (_, index) => `user-${index}`);
    const policy = aPolicy({ metadata: { name: 'freeze' }, spec: { pause: [{ reason: 'freeze' }] } });
    const { apiVersion, kind, spec } = policy;
    const policies = fixture.harness.client(aegisRemediationPolicies);
    await policies.create({ apiVersion, kind, metadata: { name: 'freeze' }, spec });
    const answers = await Promise.all(users.map((one) => approve(one, attempt)));
    expect(answers.map(({ code }) => code)).toEqual(users.map(() => 200));
    const blocked = await fixture.reaches(attempt, 'Blocked', 'Paused');
    expect(blocked.status?.approvals?.map(({ user }) => user).sort()).toEqual([...users].sort());
    await policies.delete({ name: 'freeze' });
    const { status } = await fixture.reaches(attempt, 'Submitted');
    expect(status?.approvals).toHaveLength(20);
  });

  it('exactly one Workflow is made when the worker is killed between approval and submission', async () => {
    const attempts = await Promise.all(Array.from({ length: 6 }, (_, index) => waiting(`killed-${index}`)));
    for (const attempt of attempts) await approve('jane', attempt);
    const approving = attempts.map((attempt) => approve('joe', attempt));
    const killing = (async () => {
      for (let index = 0; index < 3; index += 1) {
        await new Promise((resolve) => setTimeout(resolve, 40 * index));
        fixture.harness.cluster.kill('worker-0', 'SIGKILL');
        await new Promise((resolve) => setTimeout(resolve, 1_500));
      }
    })();
    for (const { code } of await Promise.all(approving)) expect(code).toBe(200);
    await killing;
    for (const attempt of attempts) {
      await eventually(
        'the attempt to be submitted',
        async () => (await current(attempt)).status?.phase === 'Submitted',
        {
          withinMs: 150_000,
        },
      );
    }
    const { items } = await fixture.harness.client(workflows).list();
    for (const attempt of attempts) {
      const own = items.filter(({ metadata }) => metadata.labels?.['aegis.io/remediation'] === attempt.metadata.name);
      expect(own).toHaveLength(1);
    }
  }, 240_000);
});

describe('an attempt that a user cancels', () => {
  it('an attempt cancelled before its submission ends at once', async () => {
    const attempt = await waiting('early');
    expect(await cancel('jane', attempt, 'wrong node')).toMatchObject({ code: 200 });
    const { status } = await fixture.reaches(attempt, 'Cancelled', 'CancelledByUser');
    expect(status?.message).toBe('jane cancelled it (kubectl): wrong node');
    expect(await fixture.hasWorkflow(attempt)).toBe(false);
    expect(await cancel('jane', attempt)).toMatchObject({ code: 200 });
    expect(await cancel('joe', attempt)).toMatchObject({ code: 409 });
  });

  it('an attempt cancelled while it runs becomes Cancelled when its Workflow has ended', async () => {
    const attempt = await fixture.reaches(await fixture.attempt('running', { approval: { required: 0 } }), 'Submitted');
    const client = fixture.harness.client(workflows);
    await client.patch(attempt.metadata, { status: { phase: 'Running' } });
    await fixture.reaches(attempt, 'Running');
    expect(await cancel('jane', attempt)).toMatchObject({ code: 200 });
    await fixture.reaches(attempt, 'Running', 'Cancelling');
    expect((await client.get(attempt.metadata)).spec).toMatchObject({ shutdown: 'Terminate' });
    await client.patch(attempt.metadata, { status: { phase: 'Failed', message: 'terminated' } });
    const { status } = await fixture.reaches(attempt, 'Cancelled', 'CancelledByUser');
    expect(status?.cancellation).toMatchObject({ user: 'jane', via: 'kubectl' });
  });
});

describe('a policy that users pause', () => {
  it('a paused policy blocks its attempts until all users have resumed it', async () => {
    const policies = fixture.harness.client(aegisRemediationPolicies);
    const { apiVersion, kind, spec } = aPolicy();
    await policies.create({ apiVersion, kind, metadata: { name: 'all' }, spec });
    const pause = (who: string, body: object) => fixture.ask(policyPause(fixture.context), who, 'all', { body });
    const resume = (who: string, body: object = {}) => fixture.ask(policyResume(fixture.context), who, 'all', { body });
    expect(await pause('jane', {})).toMatchObject({ code: 422 });
    expect(await pause('jane', { reason: 'upgrade', for: '2h' })).toMatchObject({ code: 200 });
    expect(await pause('joe', { reason: 'storage is down' })).toMatchObject({ code: 200 });
    expect(await pause('joe', { reason: 'storage is down' })).toMatchObject({ code: 200 });
    expect((await policies.get({ name: 'all' })).status?.pauses).toHaveLength(2);
    await eventually('the worker to know', async () => {
      const held = await fixture.attempt(`held-${Date.now()}`, { approval: { required: 0 } });
      const seen = await eventually('its phase', async () => (await current(held)).status?.phase);
      return seen === 'Blocked';
    });
    const attempt = await fixture.attempt('held', { approval: { required: 0 } });
    const held = await fixture.reaches(attempt, 'Blocked', 'Paused');
    expect(held.status?.message).toMatch(
      /paused by jane until .*: upgrade; policy all is paused by joe: storage is down/,
    );
    expect(await resume('jane')).toMatchObject({ code: 200, warnings: ['still paused by joe: storage is down'] });
    expect(await fixture.hasWorkflow(attempt)).toBe(false);
    fixture.forbidden.add('update aegisremediationpolicies');
    expect(await resume('jane', { all: true })).toMatchObject({ code: 403 });
    fixture.forbidden.clear();
    expect(await resume('jane', { all: true })).toMatchObject({ code: 200, warnings: [] });
    expect(fixture.asked).toContain('update aegisremediationpolicies/all');
    await fixture.reaches(attempt, 'Submitted');
  });
});
