import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPki, type CertificateFiles } from '../../../devcluster/pki.ts';
import { readConfig } from '../../../process/config.ts';
import { RedisConfig } from '../../../queue/settings.ts';
import type { Settings } from './redis-server.ts';

/** Passwords and certificates in files, as a Secret is mounted into a pod. */
export interface Secrets {
  readonly password: string;
  readonly sentinelPassword: string;
  /** The CA of the servers, and one that they know nothing of. */
  readonly caFile: string;
  readonly otherCaFile: string;
  readonly server: CertificateFiles;
  /** Returns the configuration of a worker with these flags and a Secret. */
  config(flags: Partial<Record<'ca' | 'password' | 'sentinel-password', string>>, url: string): RedisConfig;
  /** Writes a file with a secret; answers its path. */
  file(name: string, content: string): Promise<string>;
  remove(): Promise<void>;
}

export async function createSecrets(): Promise<Secrets> {
  const dir = await mkdtemp(join(tmpdir(), 'aegis-secrets-'));
  const pki = await openPki(join(dir, 'pki'));
  return {
    password: randomBytes(16).toString('hex'),
    sentinelPassword: randomBytes(16).toString('hex'),
    caFile: pki.cluster.certFile,
    otherCaFile: pki.etcd.certFile,
    server: await pki.cluster.issue('redis', { commonName: 'redis', hosts: ['127.0.0.1'] }),
    config: (flags, url) =>
      readConfig(
        RedisConfig,
        {
          flags: {
            'redis-url': url,
            ...Object.fromEntries(Object.entries(flags).map(([name, path]) => [`redis-${name}-file`, path])),
          },
        },
        {},
      ),
    file: async (name, content) => {
      const path = join(dir, name);
      // Editors and `kubectl create secret --from-file` leave a line break at the end.
      await writeFile(path, `${content}\n`, { mode: 0o600 });
      return path;
    },
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}

/** The lines of redis.conf for a server with a certificate that requires none of its clients. */
export function tlsSettings({ server, caFile }: Secrets): Settings {
  return [
    ['tls-cert-file', server.certFile],
    ['tls-key-file', server.keyFile],
    ['tls-ca-cert-file', caFile],
    ['tls-auth-clients', 'no'],
  ];
}
