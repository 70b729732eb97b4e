import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { FrontProxy } from './front-proxy.ts';
import { takeIdentity } from './identity.ts';
import type { ApiMetrics } from '../metrics.ts';
import type { CertificateVerifier } from './client-certificate.ts';
import { unauthorized, unavailable } from '../../kubeapi/refusals.ts';
import type { User } from '../../../kube/user.ts';

export interface Authenticator {
  /**
   * Returns the user of a request, and removes all credentials from the request.
   *
   * @throws StatusError 401, or 503 while the front-proxy configuration is not loaded
   */
  authenticate(request: IncomingMessage): User;
}

export interface AuthenticatorPorts {
  readonly frontProxy: Pick<FrontProxy, 'current'>;
  readonly verifyCertificate: CertificateVerifier;
  readonly metrics: Pick<ApiMetrics, 'authenticationFailures'>;
}

/** Trusts the headers of a request only if its connection comes from the front proxy, which is checked for each request. */
export function createAuthenticator({ frontProxy, verifyCertificate, metrics }: AuthenticatorPorts): Authenticator {
  const fail = (reason: string): void => {
    metrics.authenticationFailures.inc({ reason });
  };
  return {
    authenticate: (request) => {
      const config = frontProxy.current();
      if (config === undefined) {
        fail('front_proxy_unknown');
        throw unavailable('front-proxy configuration not loaded yet; cannot authenticate the request');
      }
      const problem =
        request.socket instanceof TLSSocket ? verifyCertificate(request.socket, config) : 'no_certificate';
      const user = takeIdentity(request, config);
      if (problem === undefined && user !== undefined) return user;
      fail(problem ?? 'no_user');
      throw unauthorized();
    },
  };
}
