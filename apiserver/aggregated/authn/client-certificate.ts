import { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { FrontProxyConfig } from './front-proxy-config.ts';

/** Why a client certificate is not accepted. */
export type CertificateProblem =
  'no_certificate' | 'certificate_expired' | 'certificate_usage' | 'certificate_authority' | 'certificate_name';

/** Verifies the certificate of a connection against the current configuration; undefined: it is accepted. */
export type CertificateVerifier = (
  socket: Pick<TLSSocket, 'getPeerX509Certificate'>,
  config: FrontProxyConfig,
) => CertificateProblem | undefined;

/**
 * Creates a verifier, to be called for each request: a connection may outlive a configuration. The result is cached for
 * the connection until the configuration changes or a certificate expires; a connection cannot change its certificate.
 *
 * @param onVerified is called with the expiry of each certificate that was verified
 */
export function createCertificateVerifier(now: () => Date, onVerified?: (until: Date) => void): CertificateVerifier {
  const verified = new WeakMap<object, { config: FrontProxyConfig; until: Date }>();
  return (socket, config) => {
    const known = verified.get(socket);
    const at = now();
    if (known?.config === config && at <= known.until) return undefined;
    const result = verify(socket.getPeerX509Certificate(), config, at);
    if (typeof result === 'string') return result;
    verified.set(socket, { config, until: result });
    onVerified?.(result);
    return undefined;
  };
}

const clientAuth = '1.3.6.1.5.5.7.3.2';

/** Returns the expiry of the certificate, or why it is not accepted. */
function verify(leaf: X509Certificate | undefined, config: FrontProxyConfig, now: Date): CertificateProblem | Date {
  if (leaf === undefined) return 'no_certificate';
  if (!isValid(leaf, now)) return 'certificate_expired';
  // A certificate without any usage is not accepted either: an authority may sign server certificates as well.
  if (!usagesOf(leaf).includes(clientAuth)) return 'certificate_usage';
  // The handshake has verified the whole chain. Node does not expose intermediate certificates of the client, so an
  // intermediate authority has to be published like the others.
  const issuer = config.authorities
    .map((pem) => new X509Certificate(pem))
    .find((candidate) => isValid(candidate, now) && issued(candidate, leaf));
  if (issuer === undefined) return 'certificate_authority';
  if (!isAllowed(leaf, config.allowedNames)) return 'certificate_name';
  return leaf.validToDate < issuer.validToDate ? leaf.validToDate : issuer.validToDate;
}

function issued(issuer: X509Certificate, certificate: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function isValid({ validFromDate, validToDate }: X509Certificate, now: Date): boolean {
  return validFromDate <= now && now <= validToDate;
}

/** Returns extended key usages as OIDs; there may be none, which the types do not express. */
function usagesOf({ keyUsage }: { readonly keyUsage?: readonly string[] }): readonly string[] {
  return keyUsage ?? [];
}

function isAllowed(leaf: X509Certificate, allowedNames: readonly string[]): boolean {
  if (allowedNames.length === 0) return true;
  // Several common names would be a list.
  const commonName: unknown = leaf.toLegacyObject().subject.CN;
  return typeof commonName === 'string' && allowedNames.includes(commonName);
}
