import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aegisRemediations } from '../../crds/remediation.ts';
import { workflows } from '../../crds/workflow.ts';
import type { AegisRemediationInspection } from '../../crds/subresources/remediation-inspection.ts';
import { NAMESPACE } from '../../devcluster/start/aegis.ts';
import { distinct, nameOf, send } from '../bench/alerts.ts';
import { examples, startHarness, type Harness } from '../harness/aegis.ts';
import { eventually } from '../harness/eventually.ts';
import { startTraffic, type Traffic } from '../harness/traffic.ts';
import { runKubectl, type Transcript } from './support/kubectl.ts';
import { bindUsers } from './support/users.ts';
import { accessLines, auditEntries, type AuditEntry } from './support/records.ts';
import { throughKubeApiserver, type Through } from './support/through.ts';

const group = 'subresources.aegis.io';
const base = `/apis/${group}/v1alpha1/namespaces/${NAMESPACE}`;
const rules = `/apis/aegis.io/v1alpha1/namespaces/${NAMESPACE}/aegisalertopsrules`;
const [alert] = distinct('users', 1);
const alertPath = `${base}/aegisalerts/${nameOf(alert!)}`;

let harness: Harness;
let through: Through;
let rare: readonly Traffic[];
let begun: number;

beforeAll(async () => {
  harness = await startHarness({ extension: true });
  through = await throughKubeApiserver(harness.cluster);
  const { cluster } = harness;
  await eventually('the API', () => cluster.kubectl(['get', '--raw', `/apis/${group}/v1alpha1`]));
  await cluster.kubectl(['apply', '-f', join(examples, 'nodehasemergencyevent.yaml')]);
  const patch = ['patch', 'aegisalertopsrule', 'nodehasemergencyevent', '--type=merge', '-p'];
  await cluster.kubectl([...patch, '{"spec":{"approvals":2}}']);
  await bindUsers(cluster, {
    vera: ['aegis-view'],
    olga: ['aegis-view', 'aegis-operate'],
    jane: ['aegis-view', 'aegis-approve'],
    joe: ['aegis-view', 'aegis-approve'],
  });
  begun = performance.now();
  // Longer than Node's server keeps an idle connection, and longer than half a minute.
  rare = [7_000, 40_000].map((pauseMs) =>
    startTraffic(
      harness,
      {
        inspect: () => ({ method: 'GET', path: `${alertPath}/inspect` }),
        admission: (count) => ({ method: 'POST', path: rules, query: { dryRun: 'All' }, body: rule(`rare-${count}`) }),
      },
      pauseMs,
    ),
  );
  await send(harness, alert!);
}, 180_000);

afterAll(async () => {
  through.close();
  await harness.stop();
}, 60_000);

function rule(name: string): object {
  return {
    apiVersion: 'aegis.io/v1alpha1',
    kind: 'AegisAlertOpsRule',
    metadata: { name },
    spec: { alertConditions: [{ type: 'Rare' }], opsTemplate: { name: 'nodehasemergencyevent' } },
  };
}

function kubectl(user: string, args: readonly string[], input?: object): Promise<Transcript> {
  return runKubectl(harness.cluster, [...args, `--as=${user}`], input);
}

function post(user: string, path: string, body: object): Promise<Transcript> {
  return kubectl(user, ['create', '--raw', path, '-f', '-'], body);
}

async function attempt() {
  const { items } = await harness.client(aegisRemediations).list();
  return items.find(({ spec, status }) => spec.alertRef.name === nameOf(alert!) && status?.phase !== undefined);
}

describe('an alert whose attempt requires two approvals', () => {
  it('two approvers of the manifest that they inspected start its Workflow, and users without the right cannot', async () => {
    const { metadata } = await eventually('the attempt', attempt);
    const path = `${base}/aegisremediations/${metadata.name}`;
    const inspect = async (user: string): Promise<AegisRemediationInspection> => {
      const { code, stdout, stderr } = await kubectl(user, ['get', '--raw', `${path}/inspect`]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      return JSON.parse(stdout) as AegisRemediationInspection;
    };
    const submitted = () => harness.client(workflows).find({ name: metadata.name, namespace: NAMESPACE });

    const seen = await inspect('vera');
    expect(seen.remediation).toMatchObject({ phase: 'AwaitingApproval', approvals: { required: 2, given: 0 } });
    const body = { manifestHash: seen.manifest.hash };
    for (const user of ['vera', 'olga']) {
      const refused = await post(user, `${path}/approve`, body);
      expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('(Forbidden)') });
      expect(refused.stderr).toContain(`User "${user}" cannot create resource "aegisremediations/approve"`);
    }
    expect(await post('vera', `${alertPath}/trigger`, {})).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('User "vera" cannot create resource "aegisalerts/trigger"'),
    });
    const wrong = { manifestHash: `sha256:${'0'.repeat(64)}` };
    expect((await post('jane', `${path}/approve`, wrong)).stderr).toContain('(Conflict)');
    for (const user of ['jane', 'jane', 'joe']) {
      expect(await submitted()).toBeUndefined();
      const hash = (await inspect(user)).manifest.hash;
      const approved = await post(user, `${path}/approve`, { manifestHash: hash });
      expect(approved).toMatchObject({ code: 0, stderr: '' });
    }
    await eventually('the Workflow', submitted);
    await eventually('the attempt to say so', async () => (await inspect('vera')).remediation.phase === 'Submitted');
    const { remediation, timeline } = await inspect('vera');
    expect(remediation.approvals.decisions.map(({ user }) => user)).toEqual(['jane', 'joe']);
    expect(timeline.map(({ event }) => event)).toEqual(expect.arrayContaining(['AwaitingApproval', 'Submitted']));
    expect((await post('joe', `${path}/reject`, body)).stderr).toContain('(Conflict)');
  });
});

describe('audit log and access log', () => {
  const trace = 'a1b2c3d4e5f60718293a4b5c6d7e8f90';

  it('the audit log of kube-apiserver and the access log of Aegis have the same entries', async () => {
    const traceparent = `00-${trace}-00f067aa0ba902b7-01`;
    const asked: [string, Parameters<Through['ask']>[1], number][] = [
      ['vera', { path: `${alertPath}/inspect`, headers: { traceparent } }, 200],
      ['vera', { path: `${base}/aegisalerts/absent/inspect` }, 404],
      ['olga', { method: 'POST', path: `${alertPath}/trigger`, body: { template: 'absent' } }, 422],
      ['olga', { method: 'POST', path: `${alertPath}/acknowledge`, body: {} }, 200],
      ['vera', { method: 'POST', path: `${alertPath}/acknowledge`, body: {} }, 403],
    ];
    for (const [user, request, status] of asked) {
      const answer = await through.ask(user, request);
      expect({ request, status: answer.status }).toEqual({ request, status });
    }
    const linesNow = () => Map.groupBy(accessLines(harness.cluster, 'apiserver-0'), ({ auditID }) => auditID);
    // Requests that kube-apiserver forbids never reach Aegis.
    const entries = auditEntries(harness.cluster).filter(
      ({ impersonatedUser, objectRef, annotations }) =>
        impersonatedUser !== undefined &&
        objectRef?.apiGroup === group &&
        annotations?.['authorization.k8s.io/decision'] === 'allow',
    );
    // A line is written after its answer.
    await eventually('a line for each entry', () => entries.every(({ auditID }) => linesNow().has(auditID)));
    const lines = linesNow();
    expect(entries.length).toBeGreaterThan(10);
    expect(entries.map(({ auditID }) => lines.get(auditID)?.map(fieldsOfLine))).toEqual(
      entries.map((entry) => [fieldsOfEntry(entry)]),
    );
    const forbidden = auditEntries(harness.cluster).filter(
      ({ annotations }) => annotations?.['authorization.k8s.io/decision'] === 'forbid',
    );
    expect(forbidden.filter(({ auditID }) => lines.has(auditID))).toEqual([]);
  });

  it('the access log has the trace ID of the caller', () => {
    const lines = accessLines(harness.cluster, 'apiserver-0').filter(({ traceID }) => traceID === trace);
    expect(lines).toMatchObject([{ user: 'vera', subresource: 'inspect', code: 200 }]);
  });

  it('read requests of users write nothing', async () => {
    const { metadata } = (await attempt())!;
    const looks = [
      `${alertPath}/inspect`,
      `${alertPath}/trigger?template=nodehasemergencyevent`,
      `${base}/aegisremediations/${metadata.name}/inspect`,
      `/apis/${group}/v1alpha1`,
    ];
    // The worker adds the uses of a rule to its status every 15 seconds; those of the alert are written before.
    const counted = ['get', 'aegisalertopsrule', 'nodehasemergencyevent', '-o', 'jsonpath={.status.triggered}'];
    await eventually('the uses of the rule', async () => Number(await harness.cluster.kubectl(counted)) > 0);
    const since = new Date().toISOString();
    for (let count = 0; count < 100; count += 1) {
      const path = looks[count % looks.length]!;
      const { status } = await through.ask('olga', { path });
      expect({ path, status }).toEqual({ path, status: 200 });
    }
    const accounts = `system:serviceaccount:${NAMESPACE}:aegis-`;
    const written = auditEntries(harness.cluster).filter(
      ({ user, verb, requestReceivedTimestamp, objectRef }) =>
        requestReceivedTimestamp >= since &&
        user.username.startsWith(accounts) &&
        ['create', 'update', 'patch', 'delete', 'deletecollection'].includes(verb) &&
        // An access review is a POST that stores nothing; a lease is renewed anyhow.
        !['subjectaccessreviews', 'leases'].includes(objectRef?.resource ?? ''),
    );
    expect(written).toEqual([]);
  });
});

describe('idle connections', () => {
  it('idle connections are kept and used again', async () => {
    const before = harness.extension!.webhooks.accepted();
    const left = 60_000 - (performance.now() - begun);
    await new Promise((resolve) => setTimeout(resolve, left));
    const failures = await Promise.all(rare.map((traffic) => traffic.stop()));
    expect(failures.flat()).toEqual([]);
    expect(rare[0]!.answered()).toBeGreaterThan(10);
    expect(harness.extension!.webhooks.accepted() - before).toBeLessThanOrEqual(2);
  }, 240_000);
});

function fieldsOfEntry({ impersonatedUser, verb, objectRef = {}, responseStatus }: AuditEntry): object {
  const { resource, subresource, namespace, name } = objectRef;
  return { user: impersonatedUser?.username, verb, resource, subresource, namespace, name, code: responseStatus?.code };
}

function fieldsOfLine({ user, verb, resource, subresource, namespace, name, code }: Record<string, unknown>): object {
  return { user, verb, resource, subresource, namespace, name, code };
}
