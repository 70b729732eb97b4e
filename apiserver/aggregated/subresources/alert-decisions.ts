import { resolveByHand } from '../../../alerts/resolve-by-hand.ts';
import { silenceOf } from '../../../alerts/silence.ts';
import { AegisAlert, aegisAlerts, isResolved } from '../../../crds/alert.ts';
import { toTime } from '../../../crds/conditions.ts';
import { AcknowledgeRequest, ResolveRequest, SilenceRequest } from '../../../crds/subresources/alert.ts';
import { subresourceGroup } from '../../../crds/subresources/group.ts';
import type { Call, Subresource } from '../../kubeapi/api.ts';
import { conflict, invalid, type StatusCause } from '../../kubeapi/status.ts';
import type { Deps } from './deps.ts';
import { limitOf } from './time-limit.ts';
import { userDecision } from './user-decision.ts';

const { group, plural } = aegisAlerts;
const alerts = { type: aegisAlerts, schema: AegisAlert } as const;

/** `aegisalerts/{name}/acknowledge`: informs other users that the caller takes care of the alert; no other effect. */
export function alertAcknowledge(deps: Deps): Subresource {
  return userDecision(deps, {
    ...alerts,
    name: 'acknowledge',
    summary: 'Acknowledges an alert as the caller; replaces an earlier acknowledgement.',
    request: AcknowledgeRequest,
    requestKind: 'AcknowledgeRequest',
    prepare: ({ body }, user) => ({
      decide: ({ status }) =>
        status?.acknowledgedBy === user.name
          ? undefined
          : { patch: { status: { acknowledgedBy: user.name } }, subresource: 'status' },
      event: () => ({
        ...{ reason: 'Acknowledged', action: 'Acknowledge', did: 'acknowledged it' },
        comment: (body as AcknowledgeRequest).comment,
      }),
    }),
  });
}

/** `aegisalerts/{name}/resolve`: ends the episode, as a resolve of its sender would. */
export function alertResolve(deps: Deps): Subresource {
  return userDecision(deps, {
    ...alerts,
    name: 'resolve',
    summary: 'Resolves an alert as its sender would: remediations that are not submitted yet are cancelled.',
    request: ResolveRequest,
    requestKind: 'ResolveRequest',
    prepare: ({ body }) => ({
      decide: (alert) => {
        const end = resolveByHand(alert, deps.now());
        return end && { patch: { metadata: { annotations: end.annotations }, spec: end.spec } };
      },
      event: () => ({
        ...{ reason: 'ResolvedByUser', action: 'Resolve', did: 'resolved it' },
        comment: (body as ResolveRequest).comment,
      }),
    }),
  });
}

/** Longest silence in milliseconds: a forgotten silence must end. */
const longestSilenceMs = 30 * 24 * 3_600_000;

/** `aegisalerts/{name}/silence`: nothing new is started for the alert for a while. */
export function alertSilence(deps: Deps): Subresource {
  return userDecision(deps, {
    ...alerts,
    name: 'silence',
    summary: 'Silences an alert for a while: no new remediation starts, running ones continue.',
    request: SilenceRequest,
    requestKind: 'SilenceRequest',
    prepare: (call, user) => {
      const now = deps.now();
      const { until, reason } = requestedSilence(call, now);
      const silencedUntil = toTime(until);
      const ends = until <= now;
      return {
        decide: (alert) => {
          const { status } = alert;
          if (ends && silenceOf(alert, now) === undefined) return undefined;
          if (!ends && isResolved(alert)) {
            throw conflict(
              { group, resource: plural, name: call.name },
              'the alert is resolved and cannot be silenced',
            );
          }
          const same =
            status?.silencedUntil === silencedUntil &&
            status.silencedBy === user.name &&
            status.silenceReason === reason;
          // An end in the past is written too: remediations that wait for the end are re-evaluated by that change.
          const silence = { silencedUntil, silencedBy: user.name, silenceReason: reason ?? null };
          return same ? undefined : { patch: { status: silence }, subresource: 'status' };
        },
        event: () => ({
          reason: ends ? 'SilenceEnded' : 'Silenced',
          action: 'Silence',
          did: ends ? 'ended the silence' : `silenced it until ${silencedUntil}`,
          comment: reason,
        }),
      };
    },
  });
}

/** @throws StatusError 422 */
function requestedSilence({ body, name }: Call, now: Date): { until: Date; reason: string | undefined } {
  const { reason, ...given } = body as SilenceRequest;
  const limit = limitOf(given, 'until', now, longestSilenceMs);
  const causes: StatusCause[] = 'cause' in limit ? [limit.cause] : [];
  const until = 'end' in limit ? limit.end : undefined;
  if ('end' in limit && until === undefined) {
    causes.push(required('for', 'give a duration (for) or an end (until); 0s ends a silence'));
  }
  const ends = until !== undefined && until <= now;
  if (!ends && (reason ?? '') === '') causes.push(required('reason', 'give a reason for the silence'));
  if (until === undefined || causes.length > 0) {
    throw invalid({ group: subresourceGroup, resource: plural, name, kind: 'SilenceRequest' }, causes);
  }
  return { until, reason };
}

function required(field: string, message: string): StatusCause {
  return { reason: 'FieldValueRequired', field, message };
}
