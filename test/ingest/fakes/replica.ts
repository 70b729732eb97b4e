import type { IncomingAlert } from '../../../alerts/incoming.ts';
import { createEpisodeIndex } from '../../../apiserver/ingest/store/episode-index.ts';
import { KeyedMutex } from '../../../lib/keyed-mutex.ts';
import { EpisodeLookup } from '../../../apiserver/ingest/store/episode-lookup.ts';
import { EpisodeWriter } from '../../../apiserver/ingest/store/episode-writer.ts';
import type { Recorded, Submission } from '../../../apiserver/ingest/store/recorder.ts';
import { FairSemaphore } from '../../../lib/fair-semaphore.ts';
import type { AlertApi } from './alert-api.ts';

/** An ingest process without its HTTP server, whose watch delivers changes only when the test says so. */
export class Replica {
  now = new Date('2026-03-01T12:00:00Z');
  dropped = 0;
  readonly #api: AlertApi;
  readonly #index = createEpisodeIndex(() => this.now.getTime());
  readonly #writer: EpisodeWriter;
  #seen = 0;

  constructor(api: AlertApi) {
    this.#api = api;
    this.#writer = new EpisodeWriter({
      store: api.store,
      index: this.#index,
      lookup: new EpisodeLookup(api.store, () => Promise.resolve()),
      mutex: new KeyedMutex(),
      semaphore: new FairSemaphore(8),
      onWrite: () => undefined,
      onDropped: (count) => (this.dropped += count),
      now: () => this.now,
      defaultNamespace: 'monitoring',
    });
  }

  /** Shows what happened to the watch: all of it, or the next few events. */
  sync(events = Infinity): void {
    const until = Math.min(this.#api.events.length, this.#seen + events);
    for (const { alert, gone } of this.#api.events.slice(this.#seen, until)) {
      if (gone) this.#index.observeGone(alert);
      else this.#index.observe(alert);
    }
    this.#seen = until;
  }

  record(
    alert: IncomingAlert,
    overrides: Partial<Submission> = {},
    signal = new AbortController().signal,
  ): Promise<Recorded> {
    return this.#writer.record({ alert, tenant: 'monitoring', receivedAt: this.now, ...overrides }, signal);
  }

  flush(): Promise<void> {
    return this.#writer.flushRepeats();
  }
}

/** An alert of the fingerprint `f`; times are seconds since noon, when the replicas' clocks start. */
export function alertOf(
  status: IncomingAlert['status'],
  times: { start?: number; end?: number } = {},
  overrides: Partial<IncomingAlert> = {},
): IncomingAlert {
  return {
    source: 'alertmanager',
    type: 'NodeDown',
    status,
    fingerprint: 'f',
    involvedObject: { kind: 'Node', name: 'dev1' },
    details: { node: 'dev1' },
    ...(times.start === undefined ? {} : { startsAt: at(times.start) }),
    ...(times.end === undefined ? {} : { endsAt: at(times.end) }),
    ...overrides,
  };
}

export function at(second: number): string {
  return new Date(Date.parse('2026-03-01T12:00:00Z') + second * 1000).toISOString();
}
