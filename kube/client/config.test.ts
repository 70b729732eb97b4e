import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, it } from '@jest/globals';

import { loadKubeConfig } from './config.ts';
import { connect } from './connection.ts';

const folder = mkdtempSync(join(tmpdir(), 'aegis-kubeconfig-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function write(cluster: string): string {
  const path = join(folder, 'config');
  writeFileSync(
    path,
    `apiVersion: v1
kind: Config
current-context: one
contexts:
- {name: one, context: {cluster: one, user: me, namespace: monitoring}}
- {name: two, context: {cluster: two, user: me}}
clusters:
- {name: one, cluster: {server: 'https://one.example:6443/k8s/'}}
- {name: two, cluster: {${cluster}}}
users:
- {name: me, user: {token: abc}}
`,
  );
  return path;
}

describe('the kubeconfig', () => {
  it('a kubeconfig is read from the given file, with its current context or another', () => {
    const kubeconfig = write("server: 'https://two.example'");
    expect(loadKubeConfig({ kubeconfig }).getCurrentCluster()?.server).toBe('https://one.example:6443/k8s');
    expect(loadKubeConfig({ kubeconfig, context: 'two' }).getCurrentCluster()?.server).toBe('https://two.example');
  });

  it('a missing context is reported with the existing ones', () => {
    const kubeconfig = write("server: 'https://two.example'");
    expect(() => loadKubeConfig({ kubeconfig, context: 'three' })).toThrow(/no usable context three; it has: one, two/);
  });

  it('a connection has the server and the namespace of the kubeconfig', async () => {
    const connection = connect({ kubeconfig: write("server: 'https://two.example'") });
    expect(connection).toMatchObject({ server: 'https://one.example:6443/k8s', namespace: 'monitoring' });
    await connection.close();
  });

  it('a kubeconfig with a SOCKS proxy is refused', () => {
    const kubeconfig = write("server: 'https://two.example', proxy-url: 'socks5://proxy:1080'");
    expect(() => connect({ kubeconfig, context: 'two' })).toThrow('SOCKS proxies are not supported');
  });
});
