import type { AegisAlert } from '../../../crds/alert.ts';
import { labels } from '../../../crds/labels.ts';
import { withinDeadline } from '../../../lib/deadline.ts';
import type { AlertStore } from './alert-store.ts';

/** Keys per question: a selector is part of the URL. */
const maxKeys = 40;
/** Milliseconds to wait for more keys: the alerts of one group arrive together. */
const gatherMs = 3;
const listMs = 4_000;

/** Asks the API server itself which episodes a key has; questions that come together are asked as one. */
export interface LiveEpisodes {
  /** @throws what `AlertStore` throws, and UnavailableError when the signal aborts first */
  of(key: string, signal: AbortSignal): Promise<AegisAlert[]>;
}

/** @param gather resolves when no more questions are waited for */
export function createLiveEpisodes(
  store: Pick<AlertStore, 'listByKeys'>,
  gather: () => Promise<void> = () => new Promise((resolve) => setTimeout(resolve, gatherMs)),
): LiveEpisodes {
  let gathering: { keys: Set<string>; answer: Promise<Map<string, AegisAlert[]>> } | undefined;

  return {
    of: async (key, signal) => {
      if (gathering === undefined || gathering.keys.size >= maxKeys) gathering = start();
      gathering.keys.add(key);
      const answer = await withinDeadline(gathering.answer, signal, 'looking for the episodes');
      return answer.get(key) ?? [];
    },
  };

  function start(): NonNullable<typeof gathering> {
    const keys = new Set<string>();
    return { keys, answer: ask(keys) };
  }

  async function ask(keys: Set<string>): Promise<Map<string, AegisAlert[]>> {
    await gather();
    if (gathering?.keys === keys) gathering = undefined;
    const alerts = await store.listByKeys([...keys], AbortSignal.timeout(listMs));
    return Map.groupBy(alerts, (alert) => alert.metadata.labels?.[labels.dedupKey] ?? '');
  }
}
