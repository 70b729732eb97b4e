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
   * Who asks. Nothing that proves it is left on the request.
   *
   * @throws StatusError 401, or 503 while nobody can be believed
   */
  authenticate(request: IncomingMessage): User;
}

export interface AuthenticatorPorts {
  readonly frontProxy: Pick<FrontProxy, 'current'>;
  readonly verifyCertificate: CertificateVerifier;
  readonly metrics: Pick<ApiMetrics, 'authenticationFailures'>;
}

/** Believes the headers of a request only if its connection is, right now, one of the front proxy. */
export function createAuthenticator({ frontProxy, verifyCertificate, metrics }: AuthenticatorPorts): Authenticator {
  const fail = (reason: string): void => {
    metrics.authenticationFailures.inc({ reason });
  };
  return {
    authenticate: (request) => {
      const config = frontProxy.current();
      if (config === undefined) {
        fail('front_proxy_unknown');
        throw unavailable('it is not known at the moment whom to believe who asks');
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
