import { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { FrontProxyConfig } from './front-proxy-config.ts';

/** Why a client certificate does not count. */
export type CertificateProblem =
  'no_certificate' | 'certificate_expired' | 'certificate_usage' | 'certificate_authority' | 'certificate_name';

/** Judges the certificate of a connection against what counts now; undefined = it counts. */
export type CertificateVerifier = (
  socket: Pick<TLSSocket, 'getPeerX509Certificate'>,
  config: FrontProxyConfig,
) => CertificateProblem | undefined;

/**
 * Connections stay open for longer than configurations last, so each request asks anew. What was verified is remembered
 * for the connection until the configuration changes or a certificate expires; a connection cannot change its
 * certificate.
 *
 * @param onVerified is told until when a certificate counts that was verified
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

/** Until when the certificate counts, or why it does not. */
function verify(leaf: X509Certificate | undefined, config: FrontProxyConfig, now: Date): CertificateProblem | Date {
  if (leaf === undefined) return 'no_certificate';
  if (!isValid(leaf, now)) return 'certificate_expired';
  // Also without any usage at all: an authority that also signs servers must say whom it means.
  if (!usagesOf(leaf).includes(clientAuth)) return 'certificate_usage';
  // The handshake has seen to the whole chain. Node does not show the certificates that a client sends along, so that
  // an authority in between has to be published like the others.
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

/** Extended key usages as OIDs; there may be none, of which the types know nothing. */
function usagesOf({ keyUsage }: { readonly keyUsage?: readonly string[] }): readonly string[] {
  return keyUsage ?? [];
}

function isAllowed(leaf: X509Certificate, allowedNames: readonly string[]): boolean {
  if (allowedNames.length === 0) return true;
  // More than one common name would be a list.
  const commonName: unknown = leaf.toLegacyObject().subject.CN;
  return typeof commonName === 'string' && allowedNames.includes(commonName);
}
