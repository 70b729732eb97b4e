import { X509Certificate } from 'node:crypto';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import type { FrontProxyConfig } from './front-proxy-config.ts';

/** Why a client certificate does not count. */
export type PeerProblem =
  | 'no_certificate'
  | 'certificate_unreadable'
  | 'certificate_expired'
  | 'certificate_usage'
  | 'certificate_authority'
  | 'certificate_name';

/** Judges the certificate of a connection against what counts now; undefined = it counts. */
export type PeerVerifier = (socket: TLSSocket, config: FrontProxyConfig) => PeerProblem | undefined;

/**
 * Connections stay open for longer than configurations last, so each request asks anew. What was verified is remembered
 * for the connection until the configuration changes or a certificate of the chain expires; a connection cannot change
 * its certificate.
 */
export function createPeerVerifier(now: () => Date): PeerVerifier {
  const verified = new WeakMap<TLSSocket, { config: FrontProxyConfig; until: number }>();
  return (socket, config) => {
    const known = verified.get(socket);
    const at = now();
    if (known?.config === config && at.getTime() <= known.until) return undefined;
    const verdict = judge(socket.getPeerCertificate(true), config, at);
    if (typeof verdict === 'string') return verdict;
    verified.set(socket, { config, until: verdict.until });
    return undefined;
  };
}

const clientAuth = '1.3.6.1.5.5.7.3.2';
/** Certificates between the client's and the authority's. */
const maxIntermediates = 4;

/** Milliseconds since the epoch until which the chain holds, or why it does not. */
function judge(peer: DetailedPeerCertificate, config: FrontProxyConfig, now: Date): PeerProblem | { until: number } {
  let presented: X509Certificate[];
  let roots: X509Certificate[];
  try {
    presented = presentedBy(peer);
    roots = config.authorities.map((pem) => new X509Certificate(pem));
  } catch {
    return 'certificate_unreadable';
  }
  const [leaf, ...intermediates] = presented;
  if (leaf === undefined) return 'no_certificate';
  if (!isValid(leaf, now)) return 'certificate_expired';
  // Also without any usage at all: an authority that also signs servers must say whom it means.
  if (!usagesOf(leaf).includes(clientAuth)) return 'certificate_usage';
  const chain = chainOf(leaf, intermediates, roots, now);
  if (chain === undefined) return 'certificate_authority';
  if (!isAllowed(leaf, config.allowedNames)) return 'certificate_name';
  return { until: Math.min(...[leaf, ...chain].map(({ validToDate }) => validToDate.getTime())) };
}

/** The client's certificate and those it sent along; Node links each to its issuer, the last one to itself. */
function presentedBy(peer: DetailedPeerCertificate): X509Certificate[] {
  const found = new Map<string, X509Certificate>();
  let next = peer as Partial<DetailedPeerCertificate> | undefined;
  while (next?.raw !== undefined && found.size <= maxIntermediates) {
    const certificate = new X509Certificate(next.raw);
    if (found.has(certificate.fingerprint256)) break;
    found.set(certificate.fingerprint256, certificate);
    next = next.issuerCertificate;
  }
  return [...found.values()];
}

/** What leads from a certificate to an authority, the authority included. */
function chainOf(
  certificate: X509Certificate,
  intermediates: readonly X509Certificate[],
  roots: readonly X509Certificate[],
  now: Date,
): X509Certificate[] | undefined {
  const root = roots.find((candidate) => isValid(candidate, now) && issued(candidate, certificate));
  if (root !== undefined) return [root];
  for (const candidate of intermediates) {
    if (!isValid(candidate, now) || !issued(candidate, certificate)) continue;
    const rest = intermediates.filter((other) => other !== candidate);
    const above = chainOf(candidate, rest, roots, now);
    if (above !== undefined) return [candidate, ...above];
  }
  return undefined;
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
