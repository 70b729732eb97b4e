import { parseDuration } from '../../../lib/duration.ts';
import type { StatusCause } from '../../kubeapi/status.ts';

/** A time limit as people give it: for how long, or until when. */
export interface GivenLimit {
  readonly for?: string | undefined;
  readonly until?: string | undefined;
}

/** The moment that a limit means (undefined: none was given), or what is wrong with it. */
export type Limit = { readonly end: Date | undefined } | { readonly cause: StatusCause };

/**
 * Reads a time limit.
 *
 * @param untilField what the body calls the moment
 * @param maxMs the farthest end that is allowed; milliseconds from now
 */
export function limitOf(given: GivenLimit, untilField: string, now: Date, maxMs = Number.POSITIVE_INFINITY): Limit {
  if (given.for !== undefined && given.until !== undefined) {
    return invalid(untilField, `give either for or ${untilField}, not both`);
  }
  const field = given.for === undefined ? untilField : 'for';
  const end = endOf(given, now);
  if (end === undefined) return { end };
  if (Number.isNaN(end.getTime())) return invalid(field, 'is no time that can be used');
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
