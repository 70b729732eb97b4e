import { parseDuration } from '../../../lib/duration.ts';
import type { StatusCause } from '../../kubeapi/status.ts';

/** A time limit as users give it: a duration or an end. */
export interface GivenLimit {
  readonly for?: string | undefined;
  readonly until?: string | undefined;
}

/** The end of a time limit (undefined: none was given), or its problem. */
export type Limit = { readonly end: Date | undefined } | { readonly cause: StatusCause };

/**
 * Reads a time limit.
 *
 * @param untilField name of the field with the end
 * @param maxMs latest end that is allowed; milliseconds from now
 */
export function limitOf(given: GivenLimit, untilField: string, now: Date, maxMs = Number.POSITIVE_INFINITY): Limit {
  if (given.for !== undefined && given.until !== undefined) {
    return invalid(untilField, `give either for or ${untilField}, not both`);
  }
  const field = given.for === undefined ? untilField : 'for';
  const end = endOf(given, now);
  if (end === undefined) return { end };
  if (Number.isNaN(end.getTime())) return invalid(field, 'must be a valid time');
  if (given.until !== undefined && end <= now) return invalid(field, 'must be later than now');
  if (end.getTime() - now.getTime() > maxMs) return invalid(field, `must be at most ${Math.round(maxMs / 3_600_000)}h`);
  return { end };
}

function endOf(given: GivenLimit, now: Date): Date | undefined {
  if (given.for !== undefined) return new Date(now.getTime() + parseDuration(given.for));
  return given.until === undefined ? undefined : new Date(given.until);
}

function invalid(field: string, message: string): Limit {
  return { cause: { reason: 'FieldValueInvalid', field, message } };
}
