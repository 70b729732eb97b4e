import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from '../../devcluster/cluster.ts';
import { NAMESPACE } from '../../devcluster/start/aegis.ts';
import { startApiServer } from '../harness/api-server.ts';
import { eventually } from '../harness/eventually.ts';
import { accountOf, mayUse, rightsOf, type Who } from './review.ts';

const deploy = join(import.meta.dirname, '../../manifests/deploy');

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startApiServer();
}, 180_000);

afterAll(async () => {
  await cluster.stop();
}, 60_000);

/** Compares with the committed file, which `UPDATE_GOLDEN=1` writes. */
async function expectRights(file: string, sections: readonly (readonly [string, readonly string[]])[]): Promise<void> {
  const text = sections.map(([title, lines]) => [`[${title}]`, ...lines, ''].join('\n')).join('\n');
  const path = join(import.meta.dirname, file);
  if (process.env['UPDATE_GOLDEN'] === '1') await writeFile(path, text);
  expect(text).toBe(await readFile(path, 'utf8'));
}

describe.each(['aegis-apiserver', 'aegis-worker'])('the account %s', (name) => {
  it('an account of a role may do what its golden file lists, and nothing else', async () => {
    const unprivileged = await rightsOf(cluster, accountOf(NAMESPACE, 'unprivileged'), NAMESPACE);
    const sections: [string, string[]][] = [];
    for (const namespace of [NAMESPACE, 'kube-system', 'default']) {
      const rights = await rightsOf(cluster, accountOf(NAMESPACE, name), namespace);
      sections.push([namespace, rights.filter((line) => !unprivileged.includes(line))]);
    }
    await expectRights(`${name}.txt`, sections);
  });

  it('an account of a role cannot read foreign Secrets, nor give itself more rights', async () => {
    for (const namespace of [NAMESPACE, 'kube-system', 'default']) {
      const rights = await rightsOf(cluster, accountOf(NAMESPACE, name), namespace);
      expect(rights.filter((line) => /^secrets: .*(get|list|watch)/.test(line))).toEqual([]);
      expect(rights.filter((line) => /rbac|impersonate|escalate|bind|\*/.test(line))).toEqual([]);
    }
  });
});

describe.each(['view', 'edit', 'admin'])('a user with the role %s of Kubernetes in a namespace', (role) => {
  const who: Who = { user: role, groups: ['system:authenticated'] };

  it('a user with a role of Kubernetes has the rights of the golden file', async () => {
    await cluster.kubectl(['create', 'rolebinding', role, `--clusterrole=${role}`, `--user=${role}`]);
    // kube-controller-manager adds up the roles a moment after they were made.
    const rights = await eventually('the roles to be added up', async () => {
      const found = (await rightsOf(cluster, who, NAMESPACE)).filter((line) => line.includes('aegis.io'));
      return found.some((line) => line.includes(added[role] ?? '')) && found;
    });
    await expectRights(`${role}.txt`, [[NAMESPACE, rights]]);
  });
});

/** The right that each role has and the one below it has not. */
const added: Readonly<Record<string, string>> = { view: '/inspect', edit: '/trigger: create', admin: '/approve' };

it('approving requires another role than triggering', async () => {
  const may = async (role: string): Promise<boolean[]> => {
    const who = { user: role, groups: ['system:authenticated'] };
    return [
      await mayUse(cluster, who, 'get', { namespace: NAMESPACE, path: 'aegisalerts/inspect' }),
      await mayUse(cluster, who, 'get', { namespace: NAMESPACE, path: 'aegisalerts/trigger' }),
      await mayUse(cluster, who, 'create', { namespace: NAMESPACE, path: 'aegisalerts/trigger' }),
      await mayUse(cluster, who, 'create', { namespace: NAMESPACE, path: 'aegisremediations/approve' }),
      await mayUse(cluster, who, 'get', { namespace: 'default', path: 'aegisalerts/inspect' }),
    ];
  };
  expect({ view: await may('view'), edit: await may('edit'), admin: await may('admin') }).toEqual({
    view: [true, true, false, false, false],
    edit: [true, true, true, false, false],
    admin: [true, true, true, true, false],
  });
});

describe('the manifests beside the rights', () => {
  it('the API server accepts the Service and the optional manifests', async () => {
    await cluster.kubectl([
      'apply',
      '--server-side',
      '-f',
      join(deploy, 'service.yaml'),
      '-f',
      join(deploy, 'optional'),
    ]);
    const schema = await eventually('the API server to take the flow schema up', async () => {
      const answer = await cluster.kubectl(['get', 'flowschema', 'aegis-subresources', '-o', 'json']);
      const { status } = JSON.parse(answer) as { status: { conditions?: { type: string; status: string }[] } };
      return status.conditions?.find(({ type }) => type === 'Dangling');
    });
    expect(schema).toMatchObject({ type: 'Dangling', status: 'False' });
  });
});

describe('the registration', () => {
  function apply(account: string, object: object): Promise<string> {
    const as = `--as=system:serviceaccount:${NAMESPACE}:${account}`;
    return cluster.kubectl(['apply', '--server-side', '-f', '-', as], JSON.stringify(object));
  }

  function webhooks(name: string): object {
    const kind = 'ValidatingWebhookConfiguration';
    return { apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name }, webhooks: [] };
  }

  /** Served by kube-apiserver itself, so that nothing is missing while it exists. */
  function apiService(group: string): object {
    const spec = { group, version: 'v1alpha1', groupPriorityMinimum: 100, versionPriority: 100 };
    return {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: `v1alpha1.${group}` },
      spec,
    };
  }

  it('the apiserver role may register the API and the webhooks under its own names', async () => {
    await apply('aegis-apiserver', webhooks('aegis'));
    await apply('aegis-apiserver', apiService('subresources.aegis.io'));
    await cluster.kubectl(['delete', 'apiservice', 'v1alpha1.subresources.aegis.io']);
  });

  it.each([
    ['a webhook of another name', 'aegis-apiserver', webhooks('other')],
    ['another API', 'aegis-apiserver', apiService('other.example')],
    ['a webhook by the worker', 'aegis-worker', webhooks('aegis')],
  ])('the registration of %s is refused', async (_, account, object) => {
    await expect(apply(account, object)).rejects.toThrow(/forbidden/i);
  });
});
