import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';

import { runCli } from '../../cli/program.ts';
import { createCommandContext } from '../fakes/command-context.ts';
import { readCertificates } from '../../apiservice/certificates/authorities.ts';
import { secrets } from '../../apiservice/certificates/authority-secret.ts';
import { webhookConfigurations } from '../../apiservice/registration/registered.ts';
import { NAMESPACE } from '../../devcluster/start/aegis.ts';
import { createExtensionService } from '../../devcluster/start/extension.ts';
import { resources } from '../../kube/client/resources.ts';
import { eventually } from '../harness/eventually.ts';
import { API_SERVICE, GROUP, SERVICE, startFixture, VERSION, type Replica, type Fixture } from './fixture.ts';

let fixture: Fixture;
const replicas: Replica[] = [];
beforeAll(async () => {
  fixture = await startFixture();
}, 180_000);
afterAll(async () => {
  await fixture.stop();
});
afterEach(async () => {
  for (const replica of replicas.splice(0)) await replica.stop();
  await uninstall();
});

async function start(...changes: Parameters<Fixture['startReplica']>): Promise<Replica> {
  const replica = await fixture.startReplica(...changes);
  replicas.push(replica);
  return replica;
}

async function uninstall(...flags: string[]): Promise<string> {
  const { context, written } = createCommandContext();
  const args = ['uninstall', `--kubeconfig=${fixture.cluster.kubeconfigPath}`, `--namespace=${NAMESPACE}`, ...flags];
  const code = await runCli(args, context);
  expect(code).toBe(0);
  return written.out + written.err;
}

const applyRule = (name: string): Promise<string> =>
  fixture.cluster.kubectl(
    ['apply', '-f', '-'],
    JSON.stringify({
      apiVersion: 'aegis.io/v1alpha1',
      kind: 'AegisAlertOpsRule',
      metadata: { name, namespace: NAMESPACE },
      spec: {
        alertConditions: [{ type: 'NodeDown', status: 'Firing' }],
        opsTemplate: { kind: 'AegisOpsTemplate', apiVersion: 'aegis.io/v1alpha1', namespace: NAMESPACE, name: 'none' },
      },
    }),
  );

async function namespaceComesAndGoes(name: string): Promise<void> {
  await fixture.cluster.kubectl(['create', 'namespace', name]);
  await fixture.cluster.kubectl(['delete', 'namespace', name, '--timeout=30s']);
}

describe('the registration', () => {
  it('the registration makes the API available and the webhook called, with the verified certificate of the Service', async () => {
    const { server } = await start();
    await fixture.untilAvailable('True');
    const { spec } = await fixture.apiServices.get({ name: API_SERVICE });
    expect(spec).toMatchObject({ groupPriorityMinimum: 100, service: { namespace: NAMESPACE, name: SERVICE } });
    expect(spec).not.toHaveProperty('insecureSkipTLSVerify');
    expect(await fixture.cluster.kubectl(['get', '--raw', `/apis/${GROUP}/${VERSION}`])).toContain('APIResourceList');
    await eventually('the webhook to be called', async () => {
      await applyRule(`rule-${Math.random().toString(36).slice(2)}`);
      return server.counts.reviews > 0;
    });
  });

  it('the registration leaves the group of the custom resources to kube-apiserver', async () => {
    await start();
    await fixture.untilAvailable('True');
    const local = await fixture.apiServices.get({ name: 'v1alpha1.aegis.io' });
    expect(local.spec?.service ?? undefined).toBeUndefined();
    expect(local.metadata.labels).toMatchObject({ 'kube-aggregator.kubernetes.io/automanaged': 'true' });
    expect(await fixture.cluster.kubectl(['get', 'aegisalerts', '-v6'])).toBe('');
    expect(await fixture.cluster.kubectl(['api-resources', '--api-group=aegis.io', '-o', 'name'])).toContain(
      'aegisalerts.aegis.io',
    );
  });

  it('the API is not available with a certificate for another name', async () => {
    await start({ service: { namespace: NAMESPACE, name: 'renamed', port: fixture.proxy.port } });
    await createExtensionService(fixture.cluster.kubectl, { namespace: NAMESPACE, name: SERVICE }, fixture.proxy.port);
    await fixture.cluster.kubectl(['delete', 'service', 'renamed', '--ignore-not-found']);
    await fixture.untilAvailable('False');
    const { metadata, spec } = await fixture.apiServices.get({ name: API_SERVICE });
    await fixture.apiServices.delete({ name: API_SERVICE });
    for (const replica of replicas.splice(0)) await replica.stop();
    const service = { namespace: NAMESPACE, name: SERVICE, port: fixture.proxy.port };
    await fixture.apiServices.create({ ...named(metadata.name), spec: { ...spec, service } });
    await eventually('the certificate to be refused', async () => {
      const condition = await fixture.available();
      return condition?.status === 'False' && condition.reason === 'FailedDiscoveryCheck';
    });
  });

  it('a changed registration is corrected', async () => {
    await start();
    await fixture.untilAvailable('True');
    await fixture.cluster.kubectl([
      ...['patch', 'apiservice', API_SERVICE, '--type=merge', '-p'],
      JSON.stringify({ spec: { caBundle: null, insecureSkipTLSVerify: true, groupPriorityMinimum: 2000 } }),
    ]);
    await eventually('the change to be corrected', async () => {
      const { spec } = await fixture.apiServices.get({ name: API_SERVICE });
      return spec?.groupPriorityMinimum === 100 && spec.caBundle !== undefined && !('insecureSkipTLSVerify' in spec);
    });
    await fixture.untilAvailable('True');
  });

  it('the registration does not take over the API of another installation, and names its owner', async () => {
    const service = { namespace: 'elsewhere', name: 'other', port: 443 };
    const spec = { group: GROUP, version: VERSION, groupPriorityMinimum: 100, versionPriority: 100, service };
    await fixture.apiServices.create({ ...named(API_SERVICE), spec });
    const replica = await start();
    expect(replica.problem()).toContain('Service elsewhere/other');
    expect(await uninstall()).toContain(`apiservice ${API_SERVICE}: kept, it belongs to Service elsewhere/other`);
    expect((await fixture.apiServices.get({ name: API_SERVICE })).spec?.service).toMatchObject(service);
    await fixture.apiServices.delete({ name: API_SERVICE });
    await eventually('it to register now', () => replica.problem() === undefined);
  });
});

describe('aegis uninstall', () => {
  it('aegis uninstall --dry-run lists what it would delete', async () => {
    await start();
    expect(await uninstall('--dry-run')).toContain(`apiservice ${API_SERVICE}: would be deleted`);
    expect(await fixture.apiServices.find({ name: API_SERVICE })).toBeDefined();
  });

  it('aegis uninstall frees the cluster although servers still run, and may be repeated', async () => {
    const replica = await start();
    await fixture.untilAvailable('True');
    await replica.server.stop();
    await fixture.untilAvailable('False');
    const out = await uninstall();
    const objects = ['apiservice', 'validatingwebhookconfiguration', 'secret'];
    expect(out.match(/^\S+ \S+: deleted$/gm)?.map((line) => line.split(' ')[0])).toEqual(objects);
    expect(out).toContain('kubectl delete -f manifests/deploy');
    await namespaceComesAndGoes('freed');
    // The replica looks each second.
    await eventually('the replica to notice', () => replica.problem()?.includes('deleted, and not created again'));
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(await fixture.apiServices.find({ name: API_SERVICE })).toBeUndefined();
    expect(await resources(fixture.rest, webhookConfigurations).find({ name: 'aegis' })).toBeUndefined();
    expect(await resources(fixture.rest, secrets).find({ namespace: NAMESPACE, name: 'aegis-apiserver-ca' })).toBe(
      undefined,
    );
    expect(await uninstall()).toContain(`apiservice ${API_SERVICE}: not there`);
  });
});

describe('a Secret that is deleted while servers run', () => {
  it('a deleted Secret is replaced by a new authority, and the old one is trusted until then', async () => {
    const replica = await start();
    await fixture.untilAvailable('True');
    const before = await trusted();
    await fixture.cluster.kubectl(['delete', 'secret', 'aegis-apiserver-ca']);
    await eventually('a new authority to be trusted beside the old one', async () => (await trusted()).length === 2);
    expect(await trusted()).toEqual(expect.arrayContaining(before));
    await eventually('a certificate of the new one', async () => {
      const metric = await replica.registry.getSingleMetric('aegis_certificate_rotations_total')?.get();
      return metric?.values.some(({ labels, value }) => labels['step'] === 'issue' && value === 2);
    });
    await fixture.untilAvailable('True');
  });
});

async function trusted(): Promise<string[]> {
  const { spec } = await fixture.apiServices.get({ name: API_SERVICE });
  return readCertificates(Buffer.from(spec?.caBundle ?? '', 'base64').toString()).map(({ id }) => id);
}

function named(name: string) {
  return { apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name } };
}
