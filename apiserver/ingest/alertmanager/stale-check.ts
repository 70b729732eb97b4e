import { isOpen } from '../../../alerts/episode.ts';
import { lastSeenMs } from '../../../alerts/lifetime.ts';
import { alertmanager, parsePrometheusAlert } from '../../../alerts/sources/alertmanager.ts';
import type { AegisAlert } from '../../../crds/alert.ts';
import { alertsUrl, readAlerts } from './api.ts';
import type { EpisodeIndex } from '../store/episode-index.ts';
import { forEachLimited } from '../../../lib/for-each-limited.ts';
import type { AlertStore } from '../store/alert-store.ts';

/**
 * Asks Alertmanager about alerts that it has not repeated for long, before they count as stale: somebody may have silenced
 * them, or their repetitions got lost. What it still lists was heard of; what it does not list, or an Alertmanager that does
 * not answer, changes nothing.
 */
export interface StaleCheck {
  /** Looks once; asks only when there is something to ask about. Never fails. */
  run(): Promise<void>;
  /** Ends a look that is under way, and all further ones. */
  stop(): void;
}

export interface StaleCheckPorts {
  /** The Alertmanagers that are asked, all of them. */
  urls: readonly string[];
  index: Pick<EpisodeIndex, 'all' | 'learn'>;
  store: Pick<AlertStore, 'writeSeen'>;
  /** Milliseconds of silence after which an alert counts as stale. */
  staleAfter: number;
  now: () => Date;
  /** Is told how many silent alerts still fire, and of each failure. */
  onConfirmed(count: number): void;
  onFailure(error: unknown): void;
  fetch?: typeof fetch;
}

/** Asking begins when so much of the time is over, which leaves some tries before the end. */
const askShare = 0.8;
const checksPerPeriod = 50;
const longestPauseMs = 30 * 60_000;
const concurrency = 4;
const writeMs = 5_000;

/** Milliseconds between two looks: about ten of them lie between the first question and the end. */
export function staleCheckPeriodMs(staleAfter: number): number {
  return Math.min(staleAfter / checksPerPeriod, longestPauseMs);
}

export function createStaleCheck(ports: StaleCheckPorts): StaleCheck {
  const { urls, index, store, staleAfter, now } = ports;
  const stopping = new AbortController();

  function isOverdue(alert: AegisAlert): boolean {
    const sinceSeenMs = now().getTime() - lastSeenMs(alert, now());
    return alert.spec.source === alertmanager.name && isOpen(alert) && sinceSeenMs >= askShare * staleAfter;
  }

  /** What those Alertmanagers list that answer; one after the other, because an answer may be large. */
  async function firingFingerprints(): Promise<Set<string>> {
    const firing = new Set<string>();
    for (const base of urls) for (const fingerprint of await listedBy(base)) firing.add(fingerprint);
    return firing;
  }

  async function listedBy(base: string): Promise<string[]> {
    try {
      const listed = await readAlerts(alertsUrl(base, { includeMuted: true }), ports.fetch, stopping.signal);
      return listed.map(fingerprintOf).filter((fingerprint) => fingerprint !== undefined);
    } catch (error) {
      report(error);
      return [];
    }
  }

  /** What fails because it is ended is no failure. */
  function report(error: unknown): void {
    if (!stopping.signal.aborted) ports.onFailure(error);
  }

  /** Another replica, or the sender itself, may have been quicker: then somebody has heard of it, too. */
  async function confirm(alert: AegisAlert): Promise<void> {
    const seen = { count: alert.status?.count ?? 1, lastSeenTime: now().toISOString() };
    const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(writeMs)]);
    const result = await store.writeSeen(alert, seen, signal);
    if (result.outcome !== 'changed') return;
    index.learn(result.alert);
    ports.onConfirmed(1);
  }

  return {
    run: async () => {
      if (stopping.signal.aborted || !index.all().some(isOverdue)) return;
      const firing = await firingFingerprints();
      // Looked up again: while we asked, some may have been repeated or resolved.
      const confirmed = index.all().filter((alert) => isOverdue(alert) && firing.has(alert.spec.fingerprint ?? ''));
      try {
        await forEachLimited(confirmed, concurrency, confirm);
      } catch (error) {
        report(error);
      }
    },
    stop: () => {
      stopping.abort();
    },
  };
}

function fingerprintOf(listed: unknown): string | undefined {
  const parsed = parsePrometheusAlert({ ...(listed as object | null), status: 'firing' }, 0, {
    nodeOf: () => undefined,
  });
  return parsed.ok ? parsed.alert.fingerprint : undefined;
}
