import type { CertificateSource } from '../../apiservice/certificates/certificate.ts';
import { accessReviews } from '../../kube/access-review.ts';
import { CachingAuthorizer, type Authorizer } from '../../kube/authorizer.ts';
import { systemClock } from '../../lib/clock.ts';
import type { SharedInformers } from '../../kube/cache/shared-informers.ts';
import type { RestClient } from '../../kube/client/rest.ts';
import type { Check } from '../../process/checks.ts';
import type { Runnable } from '../../lib/runnable.ts';
import type { Surroundings } from '../../process/role.ts';
import { createSecureServer, type SecureServerLimits } from '../http/tls-server.ts';
import type { ApiResource } from '../kubeapi/api.ts';
import { brokenStatus } from '../kubeapi/refusals.ts';
import { createAuthenticator } from './authn/authenticator.ts';
import type { Documents } from './server/documents.ts';
import { eventLoopDelay } from './server/event-loop.ts';
import { watchFrontProxy } from './authn/front-proxy.ts';
import { createHandler } from './server/handler.ts';
import { createConcurrency } from './server/limits.ts';
import { addApiGauges, createApiMetrics, type ApiMetrics } from './metrics.ts';
import type { ToTable } from './server/operation.ts';
import { createCertificateVerifier } from './authn/client-certificate.ts';
import { createRoutes } from './server/routes.ts';

/** Dependencies that the handlers and the server share; built first. */
export interface ApiAccess {
  readonly authorizer: Authorizer;
  readonly metrics: ApiMetrics;
}

/** Builds the authorizer, which the handlers in the table of resources need before there is a server. */
export function buildApiAccess(rest: RestClient, { registry, logger, clock }: Surroundings): ApiAccess {
  const metrics = createApiMetrics(registry);
  const review = accessReviews(rest, { clock: systemClock(), random: Math.random });
  const authorizer = new CachingAuthorizer({
    review,
    clock,
    logger,
    onResult: (result, cached) => {
      metrics.accessReviews.inc({ result, cached: String(cached) });
    },
  });
  return { authorizer, metrics };
}

export interface AggregatedApiOptions {
  readonly resources: readonly ApiResource[];
  readonly documents: Documents;
  readonly toTable: ToTable;
  readonly certificates: CertificateSource;
  readonly apiAccess: ApiAccess;
  readonly informers: SharedInformers;
  /** 0 = any free port; see `AggregatedApi.port`. */
  readonly port: number;
  /** Undefined = all addresses. */
  readonly host?: string | undefined;
  /** Requests under way, excluding discovery. */
  readonly maxInFlight: number;
  readonly maxInFlightPerUser: number;
  /** Milliseconds that requests under way have to end when the server stops. Default 15,000. */
  readonly drainMs?: number;
  /** Milliseconds for a request, less than the 60 s that kube-apiserver waits. Default 55,000. */
  readonly operationMs?: number;
  readonly limits?: SecureServerLimits;
}

/** The aggregated API, built and not yet started. */
export interface AggregatedApi {
  /** In the order of their start. */
  readonly parts: readonly Runnable[];
  readonly readyz: readonly Check[];
  /** The port in use; 0 before the start. */
  port(): number;
}

/** Builds the aggregated API. Its start waits for nothing: what is missing is reported by `readyz`. */
export function buildAggregatedApi(options: AggregatedApiOptions, surroundings: Surroundings): AggregatedApi {
  const { apiAccess, certificates, informers, port, host, drainMs = 15_000 } = options;
  const { registry, logger, clock } = surroundings;
  const { metrics, authorizer } = apiAccess;
  const frontProxy = watchFrontProxy(informers, { logger, clock });
  const concurrency = createConcurrency({ all: options.maxInFlight, perUser: options.maxInFlightPerUser });
  addApiGauges(registry, {
    inFlight: () => concurrency.inFlight(),
    frontProxyKnown: () => frontProxy.current() !== undefined,
    frontProxyAgeSeconds: () => frontProxy.ageSeconds(),
  });
  const delay = eventLoopDelay();
  const readyz = [certificateLoaded(certificates), frontProxy.loaded, delay.check];
  let draining = false;
  const handler = createHandler({
    routes: createRoutes(options.resources),
    authorizer,
    toTable: options.toTable,
    operationMs: options.operationMs ?? 55_000,
    documents: options.documents,
    authenticator: createAuthenticator({
      frontProxy,
      verifyCertificate: createCertificateVerifier(
        () => clock.now(),
        (until) => {
          metrics.frontProxyExpiry.set(until.getTime() / 1_000);
        },
      ),
      metrics,
    }),
    concurrency,
    readyz,
    metrics,
    logger,
    clock,
    draining: () => draining,
  });
  const server = createSecureServer({
    name: 'aggregated-api',
    port,
    host,
    certificates,
    clientAuthorities: {
      current: () => frontProxy.current()?.authorities,
      onChange: (listener) => frontProxy.onChange(listener),
    },
    listener: handler,
    bodyOf: brokenStatus,
    drainMs,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    logger,
    onHandshakeFailure: () => {
      metrics.authenticationFailures.inc({ reason: 'handshake' });
    },
  });
  const serving: Runnable = {
    ...server,
    start: async (fatal) => {
      await server.start(fatal);
      logger.info({ port: server.port() }, 'Serving the aggregated API');
    },
    stop: () => {
      draining = true;
      return server.stop();
    },
  };
  return { parts: [delay.part, serving], readyz, port: () => server.port() };
}

function certificateLoaded(certificates: CertificateSource): Check {
  return {
    name: 'serving-certificate',
    check: () => {
      if (certificates.current() === undefined) throw new Error('there is no serving certificate yet');
      return undefined;
    },
  };
}
