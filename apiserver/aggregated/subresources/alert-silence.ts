import { AegisAlert, aegisAlerts, isResolved } from '../../../crds/alert.ts';
import { toTime } from '../../../crds/conditions.ts';
import { SilenceRequest } from '../../../crds/subresources/alert.ts';
import { silenceOf } from '../../../alerts/silence.ts';
import { group as ownGroup, type Call, type Subresource } from '../../kubeapi/api.ts';
import { objectChanger, type Decide } from '../objects/change.ts';
import type { Deps } from './deps.ts';
import { personOf, sentence } from './person.ts';
import { conflict, invalid, type StatusCause } from '../../kubeapi/status.ts';
import { limitOf } from './time-limit.ts';

const { group, version, plural, kind } = aegisAlerts;

/** A silence that somebody forgot must end; milliseconds. */
const longestMs = 30 * 24 * 3_600_000;

/** `aegisalerts/{name}/silence`: nothing new is started for the alert for a while. */
export function alertSilence(deps: Deps): Subresource {
  const change = objectChanger(deps, aegisAlerts);
  return {
    name: 'silence',
    kind,
    kindGroup: { group, version },
    create: {
      summary: 'Start nothing new for an alert for a while; what runs is left to finish.',
      request: SilenceRequest,
      requestKind: 'SilenceRequest',
      response: AegisAlert,
      responseKind: kind,
      responseGroup: { group, version },
      handle: async (call) => {
        const person = personOf(call);
        const now = deps.now();
        const { until, reason } = silenceAsked(call, now);
        const silencedUntil = toTime(until);
        const ends = until <= now;
        const decide: Decide<AegisAlert> = (alert) => {
          const { status } = alert;
          if (ends && silenceOf(alert, now) === undefined) return undefined;
          if (!ends && isResolved(alert)) {
            throw conflict({ group, resource: plural, name: call.name }, 'it is resolved: nothing is left to silence');
          }
          // An end in the past is kept, so that whoever waits for it learns of the change.
          const wanted = { silencedUntil, silencedBy: person.name, silenceReason: reason ?? null };
          const same =
            status?.silencedUntil === silencedUntil &&
            status.silencedBy === person.name &&
            status.silenceReason === reason;
          return same ? undefined : { patch: { status: wanted }, subresource: 'status' };
        };
        const { object, changed } = await change(call, decide);
        if (changed && !call.dryRun) {
          const deed = ends ? 'ended the silence' : `silenced it until ${silencedUntil}`;
          const event = { type: 'Normal', reason: ends ? 'SilenceEnded' : 'Silenced', action: 'Silence' } as const;
          deps.events.record(object, { ...event, note: sentence(person, deed, reason) });
        }
        return { code: 200, object };
      },
    },
  };
}

/** @throws StatusError 422 */
function silenceAsked({ body, name }: Call, now: Date): { until: Date; reason: string | undefined } {
  const { reason, ...given } = body as SilenceRequest;
  const limit = limitOf(given, 'until', now, longestMs);
  const causes: StatusCause[] = 'cause' in limit ? [limit.cause] : [];
  const until = 'end' in limit ? limit.end : undefined;
  if ('end' in limit && until === undefined) {
    causes.push(required('for', 'say for how long (for) or until when (until); 0s ends a silence'));
  }
  const ends = until !== undefined && until <= now;
  if (!ends && (reason ?? '') === '') causes.push(required('reason', 'say why nothing is to be started meanwhile'));
  if (until === undefined || causes.length > 0) {
    throw invalid({ group: ownGroup, resource: plural, name, kind: 'SilenceRequest' }, causes);
  }
  return { until, reason };
}

function required(field: string, message: string): StatusCause {
  return { reason: 'FieldValueRequired', field, message };
}
