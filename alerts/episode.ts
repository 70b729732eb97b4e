import { isResolved, type AegisAlert } from '../crds/alert.ts';
import { labels } from '../crds/labels.ts';
import type { IncomingAlert } from './incoming.ts';
import { timeMs } from '../lib/time.ts';

/**
 * Annotations that keep the order of updates, so that every replica recognises a late one.
 * They are the ingest's own.
 */
export const orderAnnotations = {
  /** The latest `startsAt` that was received for the episode; `spec.startsAt` is the first one received. */
  lastStartsAt: 'aegis.io/last-starts-at',
  /** When the last resolve arrived, by our clock; `spec.endsAt` is the sender's. */
  resolvedAt: 'aegis.io/resolved-at',
} as const;

/**
 * A firing that started before the recorded end is a straggler (retries and clusters of senders reorder), but only so
 * long after that end: later it is an alert that fires, whatever start it claims, and ignoring it would lose it.
 */
export const stragglerWindowMs = 3_600_000;

/** The effect of an alert on the episodes of its fingerprint. */
export type EpisodeDecision =
  | { action: 'create'; episode: number }
  | { action: 'duplicate'; of: AegisAlert }
  /**
   * A duplicate with a later start: it must be recorded, or a late resolve of the earlier start would end the episode.
   */
  | { action: 'restart'; of: AegisAlert; startsAt: string }
  | { action: 'resolve'; of: AegisAlert; endsAt: string }
  /** A resolve of what is resolved: recorded only where arrival is the only order there is. */
  | { action: 'resolveAgain'; of: AegisAlert }
  | { action: 'ignore'; reason: 'Late' | 'AlreadyResolved' | 'NoEpisode' };

/** An alert as it arrived. */
export interface Arrival {
  readonly alert: IncomingAlert;
  readonly receivedAt: Date;
}

/**
 * Decides by the sender's times where it gives them, by arrival where it does not. `known` may be out of date: creating
 * fails when the episode exists, changing fails when it changed, and then the decision is made again.
 *
 * @param known all episodes of the alert's key that are known
 */
export function decideEpisode(
  { alert, receivedAt }: Arrival,
  known: readonly AegisAlert[],
  now: Date,
): EpisodeDecision {
  const newest = newestEpisode(known);
  if (alert.status === 'Resolved') return decideResolve(alert, receivedAt, newest);
  if (newest === undefined) return { action: 'create', episode: 1 };
  if (!isOpen(newest)) {
    if (isStraggler(alert, receivedAt, newest, now)) return { action: 'ignore', reason: 'Late' };
    return { action: 'create', episode: Math.max(...known.map(episodeNumber)) + 1 };
  }
  const last = timeMs(lastStartOf(newest));
  const start = timeMs(alert.startsAt);
  if (alert.startsAt !== undefined && start !== undefined && (last === undefined || start > last)) {
    return { action: 'restart', of: newest, startsAt: alert.startsAt };
  }
  return { action: 'duplicate', of: newest };
}

function decideResolve(alert: IncomingAlert, receivedAt: Date, newest: AegisAlert | undefined): EpisodeDecision {
  if (newest === undefined) return { action: 'ignore', reason: 'NoEpisode' };
  if (!isOpen(newest)) {
    const untimed = alert.startsAt === undefined || newest.spec.startsAt === undefined;
    const isLater = receivedAt.getTime() > (resolvedAtMs(newest) ?? Infinity);
    return untimed && isLater
      ? { action: 'resolveAgain', of: newest }
      : { action: 'ignore', reason: 'AlreadyResolved' };
  }
  const end = timeMs(alert.endsAt);
  const start = timeMs(lastStartOf(newest));
  if (end !== undefined && start !== undefined && end < start) return { action: 'ignore', reason: 'Late' };
  return { action: 'resolve', of: newest, endsAt: alert.endsAt ?? receivedAt.toISOString() };
}

function isStraggler(alert: IncomingAlert, receivedAt: Date, ended: AegisAlert, now: Date): boolean {
  const start = timeMs(alert.startsAt);
  if (start === undefined) {
    return receivedAt.getTime() <= (resolvedAtMs(ended) ?? -Infinity);
  }
  const end = timeMs(ended.spec.endsAt);
  return end !== undefined && start <= end && now.getTime() - end <= stragglerWindowMs;
}

/** The open episode, or else the one with the highest number. */
function newestEpisode(known: readonly AegisAlert[]): AegisAlert | undefined {
  const open = known.filter(isOpen);
  return (open.length > 0 ? open : [...known]).sort((a, b) => episodeNumber(b) - episodeNumber(a))[0];
}

/** Whether the episode still goes on; one that is being deleted takes no more alerts. */
export function isOpen(alert: AegisAlert): boolean {
  return !isResolved(alert) && alert.metadata.deletionTimestamp === undefined;
}

/** 1 for the first; an object that lost its label counts as the first. */
export function episodeNumber(alert: AegisAlert): number {
  const number = Number(alert.metadata.labels?.[labels.episode]);
  return Number.isSafeInteger(number) && number > 0 ? number : 1;
}

/** When a resolve arrived last, by our clock; milliseconds, undefined when none did or Aegis did not write it. */
export function resolvedAtMs(alert: AegisAlert): number | undefined {
  return timeMs(alert.metadata.annotations?.[orderAnnotations.resolvedAt]);
}

function lastStartOf(alert: AegisAlert): string | undefined {
  return alert.metadata.annotations?.[orderAnnotations.lastStartsAt] ?? alert.spec.startsAt;
}
