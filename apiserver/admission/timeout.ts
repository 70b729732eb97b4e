import { parseDuration } from '../../lib/duration.ts';

/** Milliseconds: the timeout of the API server when the request has none, its maximum, and our minimum. */
const bounds = { absent: 10_000, most: 30_000, least: 100 } as const;

/**
 * Returns the milliseconds that a review may take: a tenth less than the timeout of the API server, so that it receives
 * the reason.
 *
 * @param query of the request, with or without `?timeout=`
 */
export function budgetOf(query: URLSearchParams): number {
  return Math.max(bounds.least, Math.min(requested(query.get('timeout')), bounds.most) * 0.9);
}

function requested(timeout: string | null): number {
  try {
    const milliseconds = timeout === null ? 0 : parseDuration(timeout);
    return milliseconds > 0 ? milliseconds : bounds.absent;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return bounds.absent;
  }
}
