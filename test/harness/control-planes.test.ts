import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createKubectl, type Kubectl } from '../../devcluster/kubectl.ts';
import { openControlPlanes } from './cluster.ts';
import type { ControlPlanes, Loan } from './control-planes.ts';

let planes: ControlPlanes;
let folder: string;

beforeAll(() => {
  planes = openControlPlanes();
  folder = mkdtempSync(join(tmpdir(), 'aegis-lending-'));
});
afterAll(async () => {
  await planes.stop();
  rmSync(folder, { recursive: true, force: true });
});

function kubectlFor({ kubectlPath, dataDir }: Loan): Kubectl {
  return createKubectl({
    command: kubectlPath,
    kubeconfig: join(dataDir, 'admin.kubeconfig'),
    cacheDir: join(folder, 'kubectl-cache'),
  });
}

/** Borrows until it gets that control plane again; another file of tests may have given one back meanwhile. */
async function borrowAgain({ id }: Loan): Promise<Loan> {
  const others: Loan[] = [];
  try {
    for (let tries = 0; tries < 3; tries += 1) {
      const loan = await planes.lend('argo');
      if (loan.id === id) return loan;
      others.push(loan);
    }
  } finally {
    for (const other of others) await planes.takeBack(other.id);
  }
  throw new Error(`control plane ${id} is not lent again`);
}

const alert = {
  apiVersion: 'aegis.io/v1alpha1',
  kind: 'AegisAlert',
  metadata: { name: 'left', namespace: 'monitoring' },
  spec: { type: 'Left', involvedObject: { kind: 'Node', name: 'left' } },
};

/** Kinds of which a borrower leaves objects or deletes some. */
const kinds = [
  ...['namespaces', 'nodes', 'clusterroles', 'customresourcedefinitions', 'apiservices', 'serviceaccounts'],
  ...['validatingwebhookconfigurations', 'validatingadmissionpolicybindings', 'aegisalerts', 'workflows'],
].join();

describe('a control plane that is lent a second time', () => {
  it('a lent control plane holds what a new one holds after any changes of its last borrower', async () => {
    const first = await planes.lend('argo');
    const kubectl = kubectlFor(first);
    const before = await kubectl(['get', kinds, '--all-namespaces', '-o', 'name']);
    const authority = join(first.dataDir, 'pki', 'front-proxy-ca.crt');
    const published = [
      'get',
      'configmap',
      'extension-apiserver-authentication',
      '-n',
      'kube-system',
      '-o',
      'jsonpath={.data}',
    ];
    const publishedBefore = await kubectl(published);

    await kubectl(['create', 'namespace', 'left']);
    await kubectl(['create', '-f', '-'], JSON.stringify(alert));
    await kubectl(
      ['create', '-f', '-'],
      JSON.stringify({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'left' } }),
    );
    await kubectl(['delete', 'clusterrole', 'view']);
    await kubectl(['delete', 'validatingadmissionpolicybinding', '--all']);
    await kubectl(['delete', 'crd', 'workflows.argoproj.io']);
    await kubectl(['delete', 'namespace', 'monitoring', '--wait=false']);
    writeFileSync(authority, readFileSync(join(first.dataDir, 'pki', 'ca.crt')));
    await planes.act(first.id, 'kube-apiserver', 'stop');
    await planes.takeBack(first.id);

    const second = await borrowAgain(first);
    expect(second).toEqual(first);
    expect(await kubectl(['get', kinds, '--all-namespaces', '-o', 'name'])).toBe(before);
    expect(await kubectl(published)).toBe(publishedBefore);
    expect(await kubectl(['create', '-f', '-'], JSON.stringify(alert))).toContain('created');
    await planes.takeBack(second.id);
  }, 120_000);

  it('a lent control plane holds no more than the wanted contents', async () => {
    const first = await planes.lend('argo');
    await planes.takeBack(first.id);
    const loan = await planes.lend('bare');
    const kubectl = kubectlFor(loan);
    expect(await kubectl(['get', 'crd', '-o', 'name'])).toBe('');
    expect(await kubectl(['get', 'namespaces', '-o', 'name'])).not.toContain('monitoring');
    await planes.takeBack(loan.id);
  }, 120_000);
});
