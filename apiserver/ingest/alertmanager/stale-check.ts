import { isOpen } from '../../../alerts/episode.ts';
import { lastSeenMs } from '../../../alerts/lifetime.ts';
import { alertmanager, parsePrometheusAlert } from '../../../alerts/sources/alertmanager.ts';
import type { AegisAlert } from '../../../crds/alert.ts';
import { forEachLimited } from '../../../lib/for-each-limited.ts';
import type { AlertStore } from '../store/alert-store.ts';
import type { EpisodeIndex } from '../store/episode-index.ts';
import { alertsUrl, readAlerts } from './api.ts';

/** Dependencies of the stale check. */
export interface StaleCheckPorts {
  /** All Alertmanagers; each of them is read. */
  urls: readonly string[];
  index: Pick<EpisodeIndex, 'all' | 'learn'>;
  store: Pick<AlertStore, 'writeSeen'>;
  /** Milliseconds without an update after which an alert counts as stale. */
  staleAfter: number;
  now: () => Date;
  /** Called with the number of overdue alerts that still fire. */
  onConfirmed(count: number): void;
  onFailure(error: unknown): void;
  fetch?: typeof fetch;
}

/** Share of `staleAfter` after which an alert is overdue, which leaves some tries before it is stale. */
const overdueShare = 0.8;
const checksPerPeriod = 50;
const longestPeriodMs = 30 * 60_000;
const concurrency = 4;
const writeMs = 5_000;

/** Returns the milliseconds between two checks: about ten of them lie between overdue and stale. */
export function staleCheckPeriodMs(staleAfter: number): number {
  return Math.min(staleAfter / checksPerPeriod, longestPeriodMs);
}

/**
 * Looks up overdue alerts in Alertmanager before they count as stale: they may be silenced there, or their repeats were
 * lost. An alert that Alertmanager lists is marked as seen. An alert that it does not list stays as it is, and so do all
 * alerts when Alertmanager does not answer.
 */
export class StaleCheck {
  readonly #ports: StaleCheckPorts;
  readonly #stopping = new AbortController();

  constructor(ports: StaleCheckPorts) {
    this.#ports = ports;
  }

  /** Runs one check; reads from Alertmanager only when an alert is overdue. Never fails. */
  async run(): Promise<void> {
    const { index } = this.#ports;
    if (this.#stopping.signal.aborted || !index.all().some((alert) => this.#isOverdue(alert))) return;
    const firing = await this.#firingFingerprints();
    // Read again: meanwhile some alerts may have been repeated or resolved.
    const confirmed = index.all().filter((alert) => this.#isOverdue(alert) && firing.has(alert.spec.fingerprint ?? ''));
    try {
      await forEachLimited(confirmed, concurrency, (alert) => this.#confirm(alert));
    } catch (error) {
      this.#report(error);
    }
  }

  /** Ends a check that is under way, and all later ones. */
  stop(): void {
    this.#stopping.abort();
  }

  #isOverdue(alert: AegisAlert): boolean {
    const { now, staleAfter } = this.#ports;
    const sinceSeenMs = now().getTime() - lastSeenMs(alert, now());
    return alert.spec.source === alertmanager.name && isOpen(alert) && sinceSeenMs >= overdueShare * staleAfter;
  }

  /** Returns what the Alertmanagers list that answer; reads them one after the other, because a list may be large. */
  async #firingFingerprints(): Promise<Set<string>> {
    const firing = new Set<string>();
    for (const base of this.#ports.urls) {
      for (const fingerprint of await this.#listedBy(base)) firing.add(fingerprint);
    }
    return firing;
  }

  async #listedBy(base: string): Promise<string[]> {
    try {
      const url = alertsUrl(base, { includeMuted: true });
      const listed = await readAlerts(url, this.#ports.fetch, this.#stopping.signal);
      return listed.map(fingerprintOf).filter((fingerprint) => fingerprint !== undefined);
    } catch (error) {
      this.#report(error);
      return [];
    }
  }

  /** A failure that `stop` causes is none. */
  #report(error: unknown): void {
    if (!this.#stopping.signal.aborted) this.#ports.onFailure(error);
  }

  /** Marks an alert as seen, unless another replica or its sender has updated it meanwhile. */
  async #confirm(alert: AegisAlert): Promise<void> {
    const { store, index, now } = this.#ports;
    const seen = { count: alert.status?.count ?? 1, lastSeenTime: now().toISOString() };
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(writeMs)]);
    const result = await store.writeSeen(alert, seen, signal);
    if (result.outcome !== 'changed') return;
    index.learn(result.alert);
    this.#ports.onConfirmed(1);
  }
}

function fingerprintOf(listed: unknown): string | undefined {
  const parsed = parsePrometheusAlert({ ...(listed as object | null), status: 'firing' }, 0, {
    nodeOf: () => undefined,
  });
  return parsed.ok ? parsed.alert.fingerprint : undefined;
}
