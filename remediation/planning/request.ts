import type { AegisAlert } from '../../crds/alert.ts';
import { annotations } from '../../crds/labels.ts';
import { requestedName } from '../../crds/names.ts';
import type { AegisRemediation, Requester } from '../../crds/remediation.ts';
import type { TriggerRequest } from '../../crds/subresources/trigger.ts';
import { canonicalJson, manifestHash } from '../render/manifest.ts';

/** A user as authenticated by the front proxy, with the client of the request. */
export interface RequestingUser {
  name: string;
  groups: readonly string[];
  userAgent: string;
}

/** The size limits of a remediation. */
const limits = { name: 256, groups: 64, group: 256 } as const;

/**
 * Returns the requester as it is stored; groups that are too many or too long are left out.
 *
 * @returns undefined for a name that is too long to be kept: cut, it would be the name of another user
 */
export function requesterOf({ name, groups, userAgent }: RequestingUser): Requester | undefined {
  if (name === '' || name.length > limits.name) return undefined;
  return {
    username: name,
    groups: groups.filter((group) => group.length <= limits.group).slice(0, limits.groups),
    via: viaOf(userAgent),
  };
}

/** Returns the client of a request; the client claims it, so that it is good for records only. */
export function viaOf(userAgent: string): 'kubectl' | 'api' {
  return /^kubectl(?:\/|$|\.exe)/.test(userAgent) ? 'kubectl' : 'api';
}

/** Returns the name and the annotations that tell requests of users apart. */
export function identityOf(
  request: TriggerRequest,
  alert: AegisAlert,
  requester: Requester,
): { name: string | undefined; annotations: Record<string, string> } {
  const { requestID, reason } = request;
  const why = reason === undefined || reason === '' ? {} : { [annotations.reason]: reason };
  if (requestID === undefined) return { name: undefined, annotations: why };
  const { name, uid = '' } = alert.metadata;
  return {
    name: requestedName({ name, uid }, requestID),
    annotations: {
      ...why,
      [annotations.requestId]: requestID,
      [annotations.requestDigest]: digestOf(request, requester),
    },
  };
}

/** Returns whether an attempt was made by this very request: same id, same content, same user. */
export function isAnswerTo(remediation: AegisRemediation, request: TriggerRequest, requester: Requester): boolean {
  const kept = remediation.metadata.annotations ?? {};
  return (
    request.requestID !== undefined &&
    kept[annotations.requestId] === request.requestID &&
    kept[annotations.requestDigest] === digestOf(request, requester) &&
    remediation.spec.requestedBy.username === requester.username
  );
}

/**
 * Returns the digest of the request, not of its result: rules and templates may change between a request and its retry.
 */
function digestOf(request: TriggerRequest, { username }: Requester): string {
  const { rule, template, parameters = {}, reason = '', dryRun = false } = request;
  return manifestHash(canonicalJson({ username, rule, template, parameters, reason, dryRun }));
}
