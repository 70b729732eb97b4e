import type { AegisAlert } from '../../../crds/alert.ts';
import { labels } from '../../../crds/labels.ts';
import { withinDeadline } from '../../../lib/deadline.ts';
import type { AlertStore } from './alert-store.ts';

/** Keys per request: a selector is part of the URL. */
const maxKeys = 40;
/** Milliseconds to wait for more keys: the alerts of one group arrive together. */
const gatherMs = 3;
const listMs = 4_000;

interface Batch {
  keys: Set<string>;
  answer: Promise<Map<string, AegisAlert[]>>;
}

/** Reads the episodes of keys from the API server; lookups that come together are one request. */
export class EpisodeLookup {
  readonly #store: Pick<AlertStore, 'listByKeys'>;
  readonly #gather: () => Promise<void>;
  #batch: Batch | undefined;

  /** @param gather resolves when a batch is complete */
  constructor(
    store: Pick<AlertStore, 'listByKeys'>,
    gather: () => Promise<void> = () => new Promise((resolve) => setTimeout(resolve, gatherMs)),
  ) {
    this.#store = store;
    this.#gather = gather;
  }

  /**
   * Returns the episodes of a key as they are now.
   *
   * @throws what `AlertStore` throws, and UnavailableError when the signal aborts first
   */
  async of(key: string, signal: AbortSignal): Promise<AegisAlert[]> {
    if (this.#batch === undefined || this.#batch.keys.size >= maxKeys) this.#batch = this.#start();
    this.#batch.keys.add(key);
    const answer = await withinDeadline(this.#batch.answer, signal, 'looking for the episodes');
    return answer.get(key) ?? [];
  }

  #start(): Batch {
    const keys = new Set<string>();
    return { keys, answer: this.#read(keys) };
  }

  async #read(keys: Set<string>): Promise<Map<string, AegisAlert[]>> {
    await this.#gather();
    if (this.#batch?.keys === keys) this.#batch = undefined;
    const alerts = await this.#store.listByKeys([...keys], AbortSignal.timeout(listMs));
    return Map.groupBy(alerts, (alert) => alert.metadata.labels?.[labels.dedupKey] ?? '');
  }
}
