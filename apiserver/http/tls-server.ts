import { constants } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import { createSecureContext } from 'node:tls';
import type { CertificateSource, ServingCertificate } from '../../apiservice/certificates/certificate.ts';
import type { Logger } from '../../lib/logger.ts';
import {
  answerBroken,
  answerConnect,
  keepAliveTimeout,
  runnableServer,
  type BrokenRequest,
  type RunnableServer,
} from './server.ts';

/** Certificate authorities of clients, which may change. */
export interface ClientAuthorities {
  /** PEM, one certificate each; undefined or empty: no client is trusted. */
  current(): readonly string[] | undefined;
  /** Called after `current` has changed. Returns a function that removes the listener. */
  onChange(listener: () => void): () => void;
}

export interface SecureServerOptions {
  readonly name: string;
  /** 0 = any free port. */
  readonly port: number;
  /** Undefined = all addresses. */
  readonly host?: string | undefined;
  readonly certificates: CertificateSource;
  /** Only clients with a certificate of these authorities pass the handshake; undefined: all clients. */
  readonly clientAuthorities?: ClientAuthorities;
  readonly listener: RequestListener;
  /** Returns the body of the answer to a connection that sent no readable request. */
  readonly bodyOf: (broken: BrokenRequest) => object;
  /** Milliseconds that requests under way have to end when the server stops. */
  readonly drainMs: number;
  readonly limits?: SecureServerLimits;
  readonly logger: Logger;
  /** Called for each handshake that failed. */
  readonly onHandshakeFailure?: () => void;
}

/** Times in milliseconds, sizes in bytes. */
export interface SecureServerLimits {
  /** Default 32,000, as in servers of Go. */
  readonly headersTimeout?: number;
  /** For the whole request. Default 60,000. */
  readonly requestTimeout?: number;
  /** For all headers together, including the path. Default 1 MiB, as in servers of Go. */
  readonly maxHeaderSize?: number;
  readonly maxConnections?: number;
}

const defaults = { headersTimeout: 32_000, requestTimeout: 60_000, maxHeaderSize: 1024 * 1024 };

/**
 * Creates a TLS server whose certificate and authorities may change while it runs. It listens from the start, so that a
 * used port is an error at once; no handshake succeeds without a certificate, and authorities where clients need one.
 */
export function createSecureServer(options: SecureServerOptions): RunnableServer {
  const { name, clientAuthorities, listener, limits = {}, logger } = options;
  const { maxConnections = 4_096, ...times } = { ...defaults, ...limits };
  const server = createServer(
    {
      ...times,
      keepAliveTimeout,
      connectionsCheckingInterval: 1_000,
      handshakeTimeout: 10_000,
      // The listener answers such requests.
      requireHostHeader: false,
      requestCert: clientAuthorities !== undefined,
      rejectUnauthorized: true,
      ...contextOf(undefined, clientAuthorities),
    },
    listener,
  );
  server.maxConnections = maxConnections;
  // Node silently drops headers beyond the maximum count, which would change the identity of a user.
  server.maxHeadersCount = 0;
  server.on('clientError', answerBroken(options.bodyOf));
  server.on('connect', answerConnect(options.bodyOf));
  server.on('checkContinue', listener).on('checkExpectation', listener);
  server.on('tlsClientError', (error, socket) => {
    options.onHandshakeFailure?.();
    logger.debug({ err: error, server: name, from: socket.remoteAddress }, 'TLS handshake failed');
  });
  const part = runnableServer({ ...options, server });
  let stopWatching = (): void => undefined;
  return {
    ...part,
    start: async (fatal) => {
      stopWatching = keepCurrent(server, options);
      await part.start(fatal);
    },
    stop: () => {
      stopWatching();
      return part.stop();
    },
  };
}

/** Applies each new certificate and each new set of authorities. Returns a function that stops it. */
function keepCurrent(server: Server, options: SecureServerOptions): () => void {
  const { name, certificates, clientAuthorities, logger } = options;
  let pair: ServingCertificate | undefined;
  const update = (): void => {
    pair = usable(certificates.current(), options) ?? pair;
    try {
      server.setSecureContext(contextOf(pair, clientAuthorities));
    } catch (error) {
      logger.error(
        { err: error, server: name },
        'Could not use the certificate authorities of clients; no client is trusted',
      );
      server.setSecureContext({ ...contextOf(pair, undefined), ca: [] });
    }
  };
  update();
  const stops = [certificates.onChange(update), clientAuthorities?.onChange(update)];
  return () => {
    for (const stop of stops) stop?.();
  };
}

function usable(
  candidate: ServingCertificate | undefined,
  { name, logger }: SecureServerOptions,
): ServingCertificate | undefined {
  if (candidate === undefined) return undefined;
  try {
    createSecureContext({ cert: candidate.certificate, key: candidate.key });
    return candidate;
  } catch (error) {
    logger.error({ err: error, server: name }, 'Could not use the serving certificate; keeping the previous one');
    return undefined;
  }
}

/**
 * Returns the full set of options: omitted ones are not kept but fall back to a default, for `ca` to the public
 * authorities that Node is built with.
 */
function contextOf(pair: ServingCertificate | undefined, authorities: ClientAuthorities | undefined) {
  const { SSL_OP_NO_TICKET, SSL_OP_NO_RENEGOTIATION } = constants;
  return {
    ...(pair === undefined ? {} : { cert: pair.certificate, key: pair.key }),
    ca: [...(authorities?.current() ?? [])],
    minVersion: 'TLSv1.2' as const,
    // No session tickets: each connection presents its certificate again. No renegotiation: it cannot present another.
    secureOptions: SSL_OP_NO_TICKET | (authorities === undefined ? 0 : SSL_OP_NO_RENEGOTIATION),
  };
}
