import { parseDuration } from '../../lib/duration.ts';

/** Milliseconds: what the API server waits when it does not say, and the most it ever waits. */
const bounds = { absent: 10_000, most: 30_000, least: 100 } as const;

/**
 * Milliseconds that a review may take: a tenth less than the API server waits, so that it hears why.
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
