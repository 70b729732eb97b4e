import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Cluster } from '../../devcluster/cluster.ts';
import { aegisKubeconfig, NAMESPACE } from '../../devcluster/start/aegis.ts';
import { startApiServer } from '../harness/api-server.ts';
import { aegisRemediations } from '../../crds/remediation.ts';
import { aegisRemediationPolicies } from '../../crds/remediation-policy.ts';
import { connect, type KubeConnection } from '../../kube/client/connection.ts';
import { resources } from '../../kube/client/resources.ts';
import { createRestClient } from '../../kube/client/rest.ts';
import { aPolicy, aRemediation } from '../builders/objects.ts';
import { eventually } from '../harness/eventually.ts';

let cluster: Cluster;
const connections: KubeConnection[] = [];

function clientsOf(kubeconfig: string) {
  const connection = connect({ kubeconfig });
  connections.push(connection);
  const rest = createRestClient(connection);
  return { remediations: resources(rest, aegisRemediations), policies: resources(rest, aegisRemediationPolicies) };
}

type Clients = ReturnType<typeof clientsOf>;
let admin: Clients;
let apiserver: Clients;
let worker: Clients;
/** RBAC allows it to update every status. */
let writer: Clients;

const key = { namespace: NAMESPACE, name: 'attempt' };
const time = '2026-01-02T12:00:00Z';
const approval = { user: 'ann', via: 'kubectl', time, decision: 'Approved' } as const;
const forged = {
  approvals: { status: { approvals: [approval] } },
  cancellation: { status: { cancellation: { user: 'ann', via: 'kubectl', time } } },
} as const;
const pauses = { status: { pauses: [{ id: '1', reason: 'upgrade', by: 'ann', since: time }] } };

beforeAll(async () => {
  cluster = await startApiServer();
  admin = clientsOf(cluster.kubeconfigPath);
  apiserver = clientsOf(await aegisKubeconfig(cluster, 'apiserver'));
  worker = clientsOf(await aegisKubeconfig(cluster, 'worker'));
  writer = clientsOf(await cluster.kubeconfigFor('writer', { commonName: 'writer' }));
  const resource = ['aegisremediations', 'aegisremediationpolicies'].map((one) => `--resource=${one}.aegis.io/status`);
  await cluster.kubectl(['create', 'clusterrole', 'writer', '--verb=update,patch', ...resource]);
  await cluster.kubectl(['create', 'clusterrolebinding', 'writer', '--clusterrole=writer', '--user=writer']);
  const { metadata, ...attempt } = aRemediation();
  const { name, namespace, labels } = { ...metadata, ...key };
  await admin.remediations.create({ ...attempt, metadata: { name, namespace, labels: labels ?? {} } });
  await admin.policies.create({ ...aPolicy(), metadata: { name: 'everything' } });
  // kube-apiserver takes a moment to load a new admission policy and a new role binding.
  await eventually('the policy to be in force', async () => {
    await writer.remediations.patch(key, { status: { message: 'mine' } }, { subresource: 'status' });
    await expect(forge(writer)).rejects.toMatchObject({
      status: 403,
      message: expect.stringContaining('can only be changed through'),
    });
    return true;
  });
}, 180_000);

afterAll(async () => {
  for (const connection of connections) await connection.close();
  await cluster.stop();
}, 60_000);

async function forge({ remediations }: Clients, patch: object = forged.approvals): Promise<void> {
  await remediations.patch(key, patch as Record<string, unknown>, { subresource: 'status' });
}

async function pause({ policies }: Clients): Promise<void> {
  await policies.patch({ name: 'everything' }, pauses, { subresource: 'status' });
}

describe('the admission policy of decision fields', () => {
  it.each(['approvals', 'cancellation'] as const)(
    'status.%s cannot be forged by a user who may update the status',
    async (field) => {
      const refused = {
        status: 403,
        message: expect.stringContaining(`status.${field} can only be changed through the`),
      };
      await expect(forge(writer, forged[field])).rejects.toMatchObject(refused);
      await expect(forge(worker, forged[field])).rejects.toMatchObject(refused);
    },
  );

  it('an approval is recorded by the apiserver role, and no other user removes or changes it', async () => {
    await forge(apiserver);
    await expect(forge(writer, { status: { approvals: null } })).rejects.toMatchObject({ status: 403 });
    const other = { status: { approvals: [{ ...approval, user: 'eve' }] } };
    await expect(forge(writer, other)).rejects.toMatchObject({ status: 403 });
    expect((await admin.remediations.get(key)).status?.approvals).toEqual([approval]);
  });

  it('the policy on decision fields lets others write the rest of the status', async () => {
    await forge(worker, { status: { phase: 'Blocked', message: 'waits' } });
    await forge(writer, { status: { message: 'still waits' } });
    expect((await admin.remediations.get(key)).status).toMatchObject({ phase: 'Blocked', message: 'still waits' });
  });

  it('the pauses of a policy are protected like approvals', async () => {
    await expect(pause(writer)).rejects.toMatchObject({
      status: 403,
      message: expect.stringContaining('status.pauses'),
    });
    await pause(apiserver);
    await expect(
      writer.policies.patch({ name: 'everything' }, { status: { pauses: [] } }, { subresource: 'status' }),
    ).rejects.toMatchObject({ status: 403 });
  });
});
