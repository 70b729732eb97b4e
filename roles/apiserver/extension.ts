import { createCompilers } from '../../remediation/planning/compilers.ts';
import { buildApiservice } from '../../apiservice/build.ts';
import type { SharedInformers } from '../../kube/cache/shared-informers.ts';
import type { RestClient } from '../../kube/client/rest.ts';
import type { EventRecorder } from '../../kube/events/recorder.ts';
import type { Check } from '../../process/checks.ts';
import type { Runnable } from '../../lib/runnable.ts';
import type { Surroundings } from '../../process/role.ts';
import { buildAdmission } from '../../apiserver/admission/build.ts';
import { subresourceGroup, subresourceVersion } from '../../crds/subresources/group.ts';
import { buildAggregatedApi, buildApiAccess } from '../../apiserver/aggregated/build.ts';
import { createDocuments } from '../../apiserver/aggregated/server/create-documents.ts';
import { apiResources } from '../../apiserver/aggregated/subresources/resources.ts';
import { brokenStatus } from '../../apiserver/kubeapi/refusals.ts';
import { toTable } from '../../apiserver/kubeapi/table.ts';
import type { Caches } from '../../apiserver/caches.ts';
import type { ApiserverConfig } from './config.ts';
import { createSecureServer } from '../../apiserver/http/tls-server.ts';

/** The servers that kube-apiserver calls: aggregated API and admission webhooks, with certificates and registration. */
export interface Extension {
  readonly parts: readonly Runnable[];
  readonly readyz: readonly Check[];
}

export interface ExtensionAccess {
  readonly rest: RestClient;
  readonly informers: SharedInformers;
  readonly caches: Caches;
  readonly events: Pick<EventRecorder, 'record'>;
  /** Passes when the caches are filled. */
  readonly synced: Check;
}

/** Milliseconds that reviews under way have to end when the server stops. */
const webhookDrainMs = 8_000;

/** Builds the servers that are enabled. Nothing runs yet. */
export function buildExtension(
  config: ApiserverConfig,
  surroundings: Surroundings,
  { rest, informers, caches, events, synced }: ExtensionAccess,
): Extension {
  if (!config.aggregatedApi) return { parts: [], readyz: [] };
  const { logger, registry, clock } = surroundings;
  const { ruleScope, namespace } = config;
  const apiAccess = buildApiAccess(rest, surroundings);
  const { authorizer } = apiAccess;
  const ownUsers = config.serviceAccounts.map((name) => `system:serviceaccount:${namespace}:${name}`);
  const admission = config.admission
    ? buildAdmission(surroundings, { rest, authorizer, templates: caches.templates, ruleScope })
    : undefined;
  const { certificates, buildRegistration } = buildApiservice({
    rest,
    logger,
    registry,
    group: subresourceGroup,
    version: subresourceVersion,
    service: { namespace, name: config.serviceName, port: config.apiServicePort },
    webhooks: admission?.webhooks ?? [],
    webhookPort: config.webhookServicePort,
    ownUsers,
    files: certificateFiles(config),
    authorityLifeMs: config.caLifetime,
    leafLifeMs: config.certLifetime,
    overlapMs: config.caOverlap,
    checkIntervalMs: config.certCheckInterval,
  });
  const resources = apiResources({
    caches,
    rest,
    authorizer,
    events,
    ruleScope,
    compilers: createCompilers(),
    now: () => clock.now(),
  });
  const api = buildAggregatedApi(
    {
      resources,
      documents: createDocuments(resources),
      toTable,
      certificates,
      apiAccess,
      informers,
      port: config.apiPort,
      host: config.apiAddress,
      maxInFlight: config.apiMaxRequests,
      maxInFlightPerUser: config.apiMaxRequestsPerUser,
    },
    surroundings,
  );
  const registration = buildRegistration([synced, ...api.readyz]);
  const webhooks =
    admission &&
    createSecureServer({
      name: 'webhooks',
      port: config.webhookPort,
      host: config.webhookAddress,
      certificates,
      listener: admission.listener,
      bodyOf: brokenStatus,
      drainMs: webhookDrainMs,
      logger,
    });
  return {
    parts: [certificates.part, ...api.parts, ...(webhooks === undefined ? [] : [webhooks]), registration.part],
    readyz: [certificates.ready, ...api.readyz, registration.check],
  };
}

function certificateFiles({ tlsCertFile, tlsKeyFile, tlsCaFile }: ApiserverConfig) {
  if (tlsCertFile === undefined || tlsKeyFile === undefined) return undefined;
  return { certificate: tlsCertFile, key: tlsKeyFile, authority: tlsCaFile };
}
