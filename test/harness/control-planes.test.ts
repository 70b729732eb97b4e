import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createKubectl, type Kubectl } from '../../devcluster/kubectl.ts';
import { openControlPlanes } from './cluster.ts';
import type { ControlPlanes, Loan } from './control-planes.ts';

let planes: ControlPlanes;
let loan: Loan;
let kubectl: Kubectl;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aegis-lending-'));
  planes = openControlPlanes();
  loan = await planes.lend('argo');
  kubectl = createKubectl({
    command: loan.kubectlPath,
    kubeconfig: join(loan.dataDir, 'admin.kubeconfig'),
    cacheDir: join(folder, 'kubectl-cache'),
  });
}, 180_000);
afterAll(async () => {
  await planes.takeBack(loan.id);
  await planes.stop();
  rmSync(folder, { recursive: true, force: true });
});

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

describe('a control plane whose borrower has changed it', () => {
  it('a lent control plane holds what a new one holds after any changes of its last borrower', async () => {
    const before = await kubectl(['get', kinds, '--all-namespaces', '-o', 'name']);
    const authority = join(loan.dataDir, 'pki', 'front-proxy-ca.crt');
    const configMap = ['configmap', 'extension-apiserver-authentication', '--namespace=kube-system'];
    const published = ['get', ...configMap, '--output=jsonpath={.data}'];
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
    writeFileSync(authority, readFileSync(join(loan.dataDir, 'pki', 'ca.crt')));
    await planes.act(loan.id, 'kube-apiserver', 'stop');
    await planes.reset(loan.id, 'argo');

    expect(await kubectl(['get', kinds, '--all-namespaces', '-o', 'name'])).toBe(before);
    expect(await kubectl(published)).toBe(publishedBefore);
    expect(await kubectl(['create', '-f', '-'], JSON.stringify(alert))).toContain('created');
  }, 120_000);

  it('a lent control plane holds no more than the wanted contents', async () => {
    await planes.reset(loan.id, 'bare');
    expect(await kubectl(['get', 'crd', '-o', 'name'])).toBe('');
    expect(await kubectl(['get', 'namespaces', '-o', 'name'])).not.toContain('monitoring');
  }, 120_000);
});
