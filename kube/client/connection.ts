import { Agent, ProxyAgent, type Dispatcher } from 'undici';

import { systemClock } from '../../lib/clock.ts';
import { loadKubeConfig, type KubeConfigOptions } from './config.ts';
import { credentialsOf, type CredentialSource, type TlsMaterial } from './credentials.ts';
import { untilAborted } from '../../lib/deadline.ts';

/** One HTTP exchange with the API server. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With the query; begins with a slash. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body?: string;
  readonly signal: AbortSignal;
  /** Present for a stream: milliseconds without data after which it counts as broken. */
  readonly idleTimeoutMs?: number;
}

/** The connections of a process to one API server. */
export interface KubeConnection {
  /** URL of the API server, for logs. */
  readonly server: string;
  /** Namespace of the kubeconfig's context, or of the pod. */
  readonly namespace: string | undefined;
  /** Resolves when the response headers have arrived. */
  send(request: HttpRequest): Promise<Dispatcher.ResponseData>;
  /** Lets requests in progress end, breaks streams, closes all connections. */
  close(): Promise<void>;
}

export interface ConnectionOptions extends KubeConfigOptions {
  /** Default `aegis`. */
  userAgent?: string | undefined;
  /** Maximum number of connections for requests; streams have their own. Default 32. */
  connections?: number | undefined;
}

/** The address of an API server, and credentials for it. */
export interface Endpoint {
  readonly server: string;
  readonly namespace?: string | undefined;
  readonly proxyUrl?: string | undefined;
  readonly credentials: CredentialSource;
}

interface Pools {
  readonly tlsFingerprint: string;
  readonly requests: Dispatcher;
  /** Separate from requests: a watch occupies its connection for minutes. */
  readonly streams: Dispatcher;
}

/** Below the idle limits of API servers (90 s) and load balancers (60 s), so that this side closes idle connections. */
const keepAliveMs = 30_000;

/**
 * Opens the one connection pool of a process. Nothing is sent yet.
 *
 * @throws when there is no kubeconfig or it cannot be used
 */
export function connect(options: ConnectionOptions = {}): KubeConnection {
  const config = loadKubeConfig(options);
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new Error('the current context of the kubeconfig has no cluster');
  if (cluster.proxyUrl?.startsWith('socks')) throw new Error('SOCKS proxies are not supported, use an HTTP proxy');
  const namespace = config.getContextObject(config.getCurrentContext())?.namespace;
  const credentials = credentialsOf(config, systemClock());
  return openConnection({ server: cluster.server, proxyUrl: cluster.proxyUrl, namespace, credentials }, options);
}

/** As {@link connect}, for a given endpoint. */
export function openConnection(
  { server, namespace, proxyUrl, credentials }: Endpoint,
  { userAgent = 'aegis', connections = 32 }: Pick<ConnectionOptions, 'userAgent' | 'connections'> = {},
): KubeConnection {
  const { origin, pathname } = new URL(server);
  const prefix = pathname.replace(/\/$/, '');
  let pools: Pools | undefined;

  const poolsFor = (tls: TlsMaterial, tlsFingerprint: string): Pools => {
    if (pools?.tlsFingerprint === tlsFingerprint) return pools;
    const outdated = pools;
    pools = {
      tlsFingerprint,
      requests: createPool(tls, connections, proxyUrl),
      streams: createPool(tls, null, proxyUrl),
    };
    // Requests in progress end by their deadline, watches by their time limit.
    void Promise.allSettled([outdated?.requests.close(), outdated?.streams.close()]);
    return pools;
  };

  return {
    server: origin + prefix,
    namespace,
    send: async ({ method, path, headers, body, signal, idleTimeoutMs }) => {
      const { headers: authentication, tls, tlsFingerprint } = await untilAborted(credentials.current(), signal);
      const { requests, streams } = poolsFor(tls, tlsFingerprint);
      const response = await (idleTimeoutMs === undefined ? requests : streams).request({
        origin,
        method,
        path: prefix + path,
        headers: { 'user-agent': userAgent, ...headers, ...authentication },
        body: body ?? null,
        signal,
        // The signal is the deadline of a request.
        headersTimeout: 0,
        bodyTimeout: idleTimeoutMs ?? 0,
      });
      if (response.statusCode === 401) credentials.rejected();
      return response;
    },
    close: async () => {
      await Promise.allSettled([pools?.requests.close(), pools?.streams.destroy()]);
    },
  };
}

function createPool(tls: TlsMaterial, connections: number | null, proxyUrl: string | undefined): Dispatcher {
  const connectOptions = { ...tls, keepAlive: true, keepAliveInitialDelay: 30_000, timeout: 5_000 };
  const options = {
    connections,
    keepAliveTimeout: keepAliveMs,
    // Not faster with HTTP/2 (measured), where one connection that breaks silently would stall all requests.
    allowH2: false,
  };
  if (proxyUrl === undefined) return new Agent({ ...options, connect: connectOptions });
  return new ProxyAgent({ ...options, uri: proxyUrl, requestTls: connectOptions });
}
