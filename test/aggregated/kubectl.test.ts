import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDocuments } from '../../apiserver/aggregated/server/create-documents.ts';
import type { Cluster } from '../../devcluster/cluster.ts';
import { NAMESPACE } from '../../devcluster/start/aegis.ts';
import { startApiServer } from '../harness/api-server.ts';
import { eventually } from '../harness/eventually.ts';
import { expectGolden } from './support/golden.ts';
import { runKubectl, type Transcript } from './support/kubectl.ts';
import { sample } from './support/sample.ts';
import { startStubServer, type StubServer } from './support/stub-server.ts';

const groupVersion = 'subresources.aegis.io/v1alpha1';

let cluster: Cluster;
let server: StubServer | undefined;

beforeAll(async () => {
  cluster = await startApiServer();
  server = await startStubServer(cluster, createDocuments(sample));
}, 180_000);

afterAll(async () => {
  await server?.stop();
  await cluster.stop();
}, 60_000);

function kubectl(...args: string[]): Promise<Transcript> {
  return runKubectl(cluster, args);
}

async function raw<T>(path: string): Promise<T> {
  return JSON.parse(await cluster.kubectl(['get', '--raw', path])) as T;
}

interface Kind {
  group: string;
  version: string;
  kind: string;
}

interface Swagger {
  paths: Record<string, object>;
  definitions: Record<string, { 'x-kubernetes-group-version-kind'?: Kind[] }>;
}

describe('kubectl', () => {
  it('kubectl api-resources hides the parents, which have no verbs, without a warning', async () => {
    const { code, stdout, stderr } = await kubectl(
      'api-resources',
      '--api-group=subresources.aegis.io',
      '--cached=false',
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    await expectGolden('api-resources.txt', stdout);
  });

  it.each([
    ['aegisalerts', 'explain-aegisalerts.txt'],
    ['nodes', 'explain-nodes.txt'],
  ])('kubectl explain of the group version describes the subresources of %s', async (resource, file) => {
    const { code, stdout, stderr } = await kubectl('explain', resource, `--api-version=${groupVersion}`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    await expectGolden(file, stdout);
  });

  it.each(['aegisalerts', 'aegisremediations'])(
    'kubectl explain of %s alone describes the custom resource',
    async (name) => {
      const { stdout, stderr } = await kubectl('explain', name);
      expect(stderr).toBe('');
      expect(stdout).toMatch(/^GROUP: +aegis\.io\n/);
      expect(stdout).toContain('spec\t');
    },
  );

  it('kubectl explain finds the custom resource in the merged document of OpenAPI v2', async () => {
    const { code, stdout, stderr } = await kubectl('explain', 'aegisremediations', '--output=plaintext-openapiv2');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^KIND: +AegisRemediation\nVERSION: +aegis\.io\/v1alpha1\n/);
    expect(stdout).toContain('spec\t<Object>');
  });

  it('kubectl explain of nodes alone describes the core group', async () => {
    const { stdout } = await kubectl('explain', 'nodes');
    expect(stdout).toMatch(/^KIND: +Node\nVERSION: +v1\n/);
  });

  it('kubectl get aegisalerts asks the group of the custom resources', async () => {
    const { stderr } = await kubectl('get', 'aegisalerts', '-v6');
    expect(stderr).toContain('/apis/aegis.io/v1alpha1/namespaces/monitoring/aegisalerts');
    expect(stderr).not.toContain('/apis/subresources.aegis.io/v1alpha1/namespaces');
  });

  it('kubectl get pods prints no warning about any group', async () => {
    const { code, stderr } = await kubectl('get', 'pods', '-n', 'default');
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'No resources found in default namespace.\n' });
  });

  it('kubectl auth can-i returns who may trigger, without a warning', async () => {
    await cluster.kubectl(
      ['apply', '-f', '-'],
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'List',
        items: [
          {
            apiVersion: 'rbac.authorization.k8s.io/v1',
            kind: 'Role',
            metadata: { name: 'may-trigger', namespace: NAMESPACE },
            rules: [{ apiGroups: ['subresources.aegis.io'], resources: ['aegisalerts/trigger'], verbs: ['create'] }],
          },
          {
            apiVersion: 'rbac.authorization.k8s.io/v1',
            kind: 'RoleBinding',
            metadata: { name: 'may-trigger', namespace: NAMESPACE },
            roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'may-trigger' },
            subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'ann' }],
          },
        ],
      }),
    );
    const ask = (user: string, resource: string) =>
      kubectl('auth', 'can-i', 'create', resource, '--subresource=trigger', '-n', NAMESPACE, `--as=${user}`);
    await eventually('the role to count', async () => {
      return (await ask('ann', 'aegisalerts.subresources.aegis.io')).code === 0;
    });
    expect(await ask('ann', 'aegisalerts.subresources.aegis.io')).toEqual({ code: 0, stdout: 'yes\n', stderr: '' });
    expect(await ask('bob', 'aegisalerts.subresources.aegis.io')).toEqual({ code: 1, stdout: 'no\n', stderr: '' });
  });
});

describe('kube-apiserver', () => {
  it('kube-apiserver merges the discovery of the extension with its verbs', async () => {
    const { resources } = await raw<{ resources: unknown[] }>(`/apis/${groupVersion}`);
    expect(resources).toContainEqual({
      name: 'aegisalerts',
      singularName: 'aegisalert',
      namespaced: true,
      kind: 'AegisAlert',
      verbs: [],
    });
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
    expect(server?.requests).toContain('/apis 200');
    const all = await runKubectl(cluster, ['api-resources', '--cached=false', '-v=9']);
    expect(all.stderr).toContain(accept);
    expect(all.stderr).not.toContain('Stale');
  });

  it('kube-apiserver has one definition for a kind of another group that a subresource returns', async () => {
    const { definitions, paths } = await raw<Swagger>('/openapi/v2');
    const namesOf = (group: string, kind: string) =>
      Object.entries(definitions)
        .filter(([, { 'x-kubernetes-group-version-kind': kinds = [] }]) =>
          kinds.some((found) => found.group === group && found.kind === kind),
        )
        .map(([name]) => name);
    expect(namesOf('aegis.io', 'AegisRemediation')).toEqual(['io.aegis.v1alpha1.AegisRemediation']);
    expect(namesOf('subresources.aegis.io', 'AegisRemediation')).toEqual([
      'io.aegis.subresources.v1alpha1.AegisRemediation',
    ]);
    expect(namesOf('', 'Node')).toEqual(['io.k8s.api.core.v1.Node']);
    expect(Object.keys(definitions).filter((name) => /_v\d+$/.test(name))).toEqual([]);
    expect(paths).toHaveProperty([`/apis/${groupVersion}/namespaces/{namespace}/aegisalerts/{name}/trigger`]);
  });

  it('kube-apiserver serves the OpenAPI document of the group version for any hash', async () => {
    const { paths } = await raw<{ paths: Record<string, { serverRelativeURL: string }> }>('/openapi/v3');
    const own = Object.keys(paths).filter((path) => path.includes('subresources.aegis.io'));
    expect(own).toEqual([`apis/${groupVersion}`]);
    expect(paths).toHaveProperty(['apis/aegis.io/v1alpha1']);
    const { serverRelativeURL } = paths[own[0]!]!;
    const document = await raw<object>(serverRelativeURL);
    expect(await raw(`/openapi/v3/apis/${groupVersion}?hash=OLD`)).toEqual(document);
    expect(document).toHaveProperty(['components', 'schemas', 'io.aegis.subresources.v1alpha1.TriggerRequest']);
  });

  it('kube-apiserver deletes namespaces while the extension is registered', async () => {
    await cluster.kubectl(['create', 'namespace', 'short-lived']);
    await cluster.kubectl(['delete', 'namespace', 'short-lived', '--timeout=60s']);
  });

  it('kube-apiserver logs no problem with the OpenAPI documents', async () => {
    const log = await cluster.logs('kube-apiserver', 100_000);
    expect(
      log.split('\n').filter((line) => /OpenAPI spec.*failed|failed to download|loading OpenAPI/i.test(line)),
    ).toEqual([]);
    expect(server?.requests.filter((request) => !/ (200|304)$/.test(request))).toEqual([]);
  });
});
