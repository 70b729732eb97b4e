import type { Registry } from 'prom-client';

import { systemClock, type Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { resources } from '../kube/client/resources.ts';
import type { RestClient } from '../kube/client/rest.ts';
import { createAuthorityStore } from './certificates/authority-store.ts';
import { secrets } from './certificates/authority-secret.ts';
import { createCertificateFiles } from './certificates/certificate-files.ts';
import type { Certificates } from './certificates/certificate.ts';
import { IssuedCertificates } from './certificates/certificates.ts';
import { Publication } from './certificates/publication.ts';
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
  /** The Service of the servers; the Secret is in its namespace. */
  readonly service: { readonly namespace: string; readonly name: string; readonly port: number };
  readonly webhooks: readonly WebhookRegistration[];
  /** Port of the Service for the webhooks. */
  readonly webhookPort: number;
  /** User names of the ServiceAccounts of Aegis, for which webhooks are not called. */
  readonly ownUsers: readonly string[];
  /** Additional names of the servers. */
  readonly extraHosts?: readonly string[];
  /** Certificates from files instead of our own. */
  readonly files?:
    { readonly certificate: string; readonly key: string; readonly authority?: string | undefined } | undefined;
  /** Annotations for a controller that sets caBundle, such as `cert-manager.io/inject-ca-from`. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Milliseconds; see the certificates and the registration. */
  readonly authorityLifeMs?: number | undefined;
  readonly leafLifeMs?: number | undefined;
  readonly overlapMs?: number | undefined;
  readonly checkIntervalMs?: number | undefined;
}

/** How this server is trusted and found. */
export interface Apiservice {
  /** To be started before the servers. */
  readonly certificates: Certificates;
  /**
   * Builds the registration, to be started after the servers.
   *
   * @param gates what must hold before the first registration: informers synced, front proxy known. Not
   *   `certificates.ready`, which waits for the registration in its turn
   */
  readonly buildRegistration: (gates: readonly Gate[]) => Registration;
}

/** Builds the certificates, and the registration when the servers that use them are built. */
export function buildApiservice(options: ApiserviceOptions): Apiservice {
  const { rest, logger, registry, clock = systemClock(), service, checkIntervalMs: intervalMs } = options;
  const metrics = createApiserviceMetrics(registry);
  const clients = { apiServices: resources(rest, apiServices), webhooks: resources(rest, webhookConfigurations) };
  const publication = new Publication(() => clock.monotonicMs());
  const common = { clock, logger, metrics };
  const { files } = options;
  const certificates =
    files === undefined
      ? new IssuedCertificates({
          ...common,
          ...options,
          clock,
          intervalMs,
          publication,
          store: createAuthorityStore(resources(rest, secrets), service.namespace),
          published: async (signal) => publishedIn(await readRegistered(clients, options, signal), service),
          hosts: [...hostsOf(service), ...(options.extraHosts ?? [])],
        })
      : createCertificateFiles({
          ...common,
          certificateFile: files.certificate,
          keyFile: files.key,
          authorityFile: files.authority,
          ...(intervalMs === undefined ? {} : { intervalMs: Math.min(intervalMs, 10_000) }),
        });
  return {
    certificates,
    buildRegistration: (gates) =>
      createRegistration({
        ...common,
        clients,
        registrant: { ...options, annotations: options.annotations ?? {} },
        publication,
        bundle: () => certificates.bundle(),
        gates,
        intervalMs,
      }),
  };
}

function hostsOf({ namespace, name }: ApiserviceOptions['service']): string[] {
  const short = `${name}.${namespace}`;
  return [`${short}.svc`, `${short}.svc.cluster.local`, short];
}
