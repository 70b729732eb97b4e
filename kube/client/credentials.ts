import { createHash } from 'node:crypto';
import type { RequestOptions } from 'node:https';

import type { KubeConfig } from '@kubernetes/client-node/dist/config.js';

import type { Clock } from '../../lib/clock.ts';

/** The credentials of a request. */
export interface Credentials {
  /** `authorization` and impersonation. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsMaterial;
  /** Equal for equal TLS material: connections can be kept while it is unchanged. */
  readonly tlsFingerprint: string;
}

/** Options of `tls.connect`. */
export interface TlsMaterial {
  readonly ca?: RequestOptions['ca'];
  readonly cert?: RequestOptions['cert'];
  readonly key?: RequestOptions['key'];
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

/** Renewing credentials: tokens and certificates in files rotate, tokens of exec plugins expire. */
export interface CredentialSource {
  current(): Promise<Credentials>;
  /** The API server rejected them: read them again for the next request. */
  rejected(): void;
}

/** Files are read and plugins run again after this time. */
const maxAgeMs = 10_000;

/** Returns the credentials of the kubeconfig's current context. */
export function credentialsOf(config: Pick<KubeConfig, 'applyToHTTPSOptions'>, clock: Clock): CredentialSource {
  let held: { readonly since: number; readonly credentials: Promise<Credentials> } | undefined;
  return {
    current: () => {
      const now = clock.monotonicMs();
      if (held !== undefined && now - held.since < maxAgeMs) return held.credentials;
      const fresh = { since: now, credentials: read(config) };
      held = fresh;
      fresh.credentials.catch(() => {
        if (held === fresh) held = undefined;
      });
      return fresh.credentials;
    },
    rejected: () => {
      held = undefined;
    },
  };
}

async function read(config: Pick<KubeConfig, 'applyToHTTPSOptions'>): Promise<Credentials> {
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    // Token files often end in a newline, which no header can hold.
    headers[name.toLowerCase()] = String(value).trim();
  }
  if (typeof options.auth === 'string') headers['authorization'] = `Basic ${btoa(options.auth)}`;
  const { ca, cert, key, servername, rejectUnauthorized } = options;
  const tls: TlsMaterial = {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(servername === undefined ? {} : { servername }),
    ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
  };
  return { headers, tls, tlsFingerprint: createHash('sha256').update(JSON.stringify(tls)).digest('hex') };
}
