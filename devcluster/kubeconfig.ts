import { readFileSync, writeFileSync } from 'node:fs';

import { stringify } from 'yaml';

import type { CertificateFiles } from './pki.ts';

/** Address and credentials for a client of the cluster. */
export interface KubeconfigOptions {
  server: string;
  caFile: string;
  /** The credentials: a certificate or a bearer token. */
  client: CertificateFiles | { token: string };
  /** The user's name in the file; the server takes it from the certificate or token. */
  user: string;
  /** Default namespace of its only context. */
  namespace?: string;
}

/** Writes a kubeconfig that carries all credentials inside, so that the file can be copied. Readable by its owner only. */
export function writeKubeconfig(path: string, options: KubeconfigOptions): void {
  const { server, caFile, client, user, namespace } = options;
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'aegis-dev', cluster: { server, 'certificate-authority-data': base64(caFile) } }],
    users: [{ name: user, user: credentials(client) }],
    contexts: [{ name: 'aegis-dev', context: { cluster: 'aegis-dev', user, ...(namespace && { namespace }) } }],
    'current-context': 'aegis-dev',
  };
  writeFileSync(path, stringify(config, { lineWidth: 0 }), { mode: 0o600 });
}

function credentials(client: KubeconfigOptions['client']): object {
  if ('token' in client) return client;
  return { 'client-certificate-data': base64(client.certFile), 'client-key-data': base64(client.keyFile) };
}

function base64(file: string): string {
  return readFileSync(file).toString('base64');
}
