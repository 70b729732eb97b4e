import { pino } from 'pino';
import type { Call } from '../../../apiserver/kubeapi/api.ts';
import { createAuthenticator } from '../../../apiserver/aggregated/authn/authenticator.ts';
import { createFrontProxyConfig } from '../../../apiserver/aggregated/authn/front-proxy.ts';
import { createHandler, type HandlerPorts } from '../../../apiserver/aggregated/server/handler.ts';
import { createConcurrency } from '../../../apiserver/aggregated/server/limits.ts';
import { createApiMetrics } from '../../../apiserver/aggregated/metrics.ts';
import { createCertificateVerifier } from '../../../apiserver/aggregated/authn/client-certificate.ts';
import { brokenStatus } from '../../../apiserver/kubeapi/refusals.ts';
import { createRoutes } from '../../../apiserver/aggregated/server/routes.ts';
import { createSecureServer, type SecureServerLimits } from '../../../apiserver/http/tls-server.ts';
import type { AccessReview } from '../../../kube/access-review.ts';
import { CachingAuthorizer } from '../../../kube/authorizer.ts';
import { systemClock } from '../../../lib/clock.ts';
import { createRegistry } from '../../../process/metrics.ts';
import { createAuthority, type Issued } from './certificates.ts';
import { send, serverName, type Received, type Sent } from './client.ts';
import { echoTable } from './tables.ts';

export interface InProcessOptions {
  /** Default: everybody may do everything, but for users whose name begins with `no`. */
  readonly review?: AccessReview;
  readonly ports?: Partial<HandlerPorts>;
  readonly limits?: SecureServerLimits;
  /** Of the ConfigMap; default: as kubeadm writes it. */
  readonly config?: Readonly<Record<string, string>>;
}

/** The ConfigMap as kubeadm writes it. */
export function configData(authority: string, changes: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    'requestheader-client-ca-file': authority,
    'requestheader-allowed-names': '["front-proxy-client"]',
    'requestheader-username-headers': '["X-Remote-User"]',
    'requestheader-group-headers': '["X-Remote-Group"]',
    'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
    ...changes,
  };
}

/** The whole server on a real port, with fakes of the test behind it. */
export async function openApi(options: InProcessOptions = {}) {
  const lines: Record<string, unknown>[] = [];
  const logger = pino({ level: 'debug' }, { write: (line: string) => void lines.push(JSON.parse(line) as never) });
  const clock = systemClock();
  const registry = createRegistry();
  const metrics = createApiMetrics(registry);
  const serving = await createAuthority('serving');
  const frontProxy = await createAuthority('front-proxy-ca');
  const pair = await serving.issue({ commonName: serverName, hosts: [serverName] });
  const identity = await frontProxy.issue({ commonName: 'front-proxy-client' });
  const holder = createFrontProxyConfig(logger, clock);
  holder.set(configData(frontProxy.cert, options.config));
  const calls: Call[] = [];
  const questions: Parameters<AccessReview>[0][] = [];
  const review: AccessReview =
    options.review ?? (({ user }) => Promise.resolve({ allowed: !user.startsWith('no'), reason: '' }));
  const state = { draining: false };
  const handler = createHandler({
    routes: createRoutes(echoTable(calls)),
    authorizer: new CachingAuthorizer({
      review: (question) => {
        questions.push(question);
        return review(question);
      },
      clock,
      logger,
      onResult: (result, cached) => {
        metrics.accessReviews.inc({ result, cached: String(cached) });
      },
    }),
    toTable: (operation, object) => ({ kind: 'Table', table: operation.table?.(object) }),
    operationMs: 2_000,
    documents: (path) =>
      path === '/apis' ? { status: 200, headers: { 'content-type': 'application/json' }, body: '{}' } : undefined,
    authenticator: createAuthenticator({
      frontProxy: holder,
      verifyCertificate: createCertificateVerifier(() => clock.now()),
      metrics,
    }),
    concurrency: createConcurrency({ all: 100, perUser: 50 }),
    readyz: [holder.loaded],
    metrics,
    logger,
    clock,
    draining: () => state.draining,
    ...options.ports,
  });
  const server = createSecureServer({
    name: 'test',
    port: 0,
    host: '127.0.0.1',
    certificates: { current: () => ({ certificate: pair.cert, key: pair.key }), onChange: () => () => undefined },
    clientAuthorities: {
      current: () => holder.current()?.authorities,
      onChange: (listener) => holder.onChange(listener),
    },
    listener: handler,
    bodyOf: brokenStatus,
    drainMs: 2_000,
    logger,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  });
  await server.start(() => undefined);
  const client = { port: server.port(), serverCa: serving.cert };
  return {
    lines,
    calls,
    questions,
    registry,
    holder,
    state,
    serving,
    frontProxy,
    identity,
    server,
    client,
    /** As the front proxy, unless told otherwise. */
    send: (sent: Sent, as: Issued = identity): Promise<Received> => send({ ...client, identity: as }, sent),
    close: () => server.stop(),
  };
}

export type Api = Awaited<ReturnType<typeof openApi>>;
