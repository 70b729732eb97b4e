import type { Registry } from 'prom-client';

import { systemClock, type Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { resources } from '../kube/client/resources.ts';
import type { RestClient } from '../kube/client/rest.ts';
import { createAuthorityStore } from './certificates/authority-store.ts';
import { secrets } from './certificates/authority-secret.ts';
import { createCertificateFiles } from './certificates/certificate-files.ts';
import { createCertificates, type Certificates } from './certificates/certificates.ts';
import { createApiserviceMetrics } from './metrics.ts';
import { apiServices, publishedIn, readRegistered, webhookConfigurations } from './registration/registered.ts';
import { createRegistration, type Gate, type Registration } from './registration/registration.ts';
import type { WebhookRegistration } from './registration/webhooks.ts';

export interface ApiserviceOptions {
  readonly rest: RestClient;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly clock?: Clock;
  /** The API that is served: `subresources.aegis.io`, `v1alpha1`. */
  readonly group: string;
  readonly version: string;
  /** The Service that leads to the servers; the Secret lies in its namespace. */
  readonly service: { readonly namespace: string; readonly name: string; readonly port: number };
  readonly webhooks: readonly WebhookRegistration[];
  /** Port of the Service that leads to the webhooks. */
  readonly webhookPort: number;
  /** User names of Aegis's own service accounts, which webhooks are not asked about. */
  readonly ownUsers: readonly string[];
  /** More names that the servers are called by. */
  readonly extraHosts?: readonly string[];
  /** Certificates from files instead of our own. */
  readonly files?:
    { readonly certificate: string; readonly key: string; readonly authority?: string | undefined } | undefined;
  /** Annotations for who fills in caBundle, such as `cert-manager.io/inject-ca-from`. */
  readonly annotations?: Readonly<Record<string, string>>;
  /**
   * What must hold before the first registration: informers synced, front proxy known. Not `certificates.ready`, which
   * waits for the registration in its turn.
   */
  readonly gates: readonly Gate[];
  /** Milliseconds; see the certificates and the registration. */
  readonly authorityLifeMs?: number | undefined;
  readonly leafLifeMs?: number | undefined;
  readonly overlapMs?: number | undefined;
  readonly checkIntervalMs?: number | undefined;
}

/** How this server is trusted and found: certificates start before the servers, the registration after them. */
export function buildApiservice(options: ApiserviceOptions): {
  certificates: Certificates;
  registration: Registration;
} {
  const { rest, logger, registry, clock = systemClock(), service, checkIntervalMs: intervalMs } = options;
  const metrics = createApiserviceMetrics(registry);
  const clients = { apiServices: resources(rest, apiServices), webhooks: resources(rest, webhookConfigurations) };
  const common = { clock, logger, metrics };
  const { files } = options;
  const certificates =
    files === undefined
      ? createCertificates({
          ...common,
          ...options,
          clock,
          intervalMs,
          store: createAuthorityStore(resources(rest, secrets), service.namespace),
          published: async (signal) => publishedIn(await readRegistered(clients, options, signal), service),
          hasRegistered: () => registration.hasRegistered(),
          hosts: [...hostsOf(service), ...(options.extraHosts ?? [])],
        })
      : createCertificateFiles({
          ...common,
          certificateFile: files.certificate,
          keyFile: files.key,
          authorityFile: files.authority,
          ...(intervalMs === undefined ? {} : { intervalMs: Math.min(intervalMs, 10_000) }),
        });
  const registration: Registration = createRegistration({
    ...common,
    clients,
    registrant: { ...options, annotations: options.annotations ?? {} },
    bundle: () => certificates.bundle(),
    gates: options.gates,
    intervalMs,
  });
  return { certificates, registration };
}

function hostsOf({ namespace, name }: ApiserviceOptions['service']): string[] {
  const short = `${name}.${namespace}`;
  return [`${short}.svc`, `${short}.svc.cluster.local`, short];
}
