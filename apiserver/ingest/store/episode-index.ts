import type { AegisAlert } from '../../../crds/alert.ts';
import { labels } from '../../../crds/labels.ts';

/** Milliseconds that an own write counts when the watch does not confirm it. */
const ownMs = 30_000;

/**
 * The known episodes: from the watch, and from what this process has read or written since. Only a hint: writes to the
 * API server decide.
 */
export interface EpisodeIndex {
  episodesOf(key: string): readonly AegisAlert[];
  get(namespace: string, name: string): AegisAlert | undefined;
  /** Returns all episodes of the watch in their newest known state. */
  all(): AegisAlert[];
  /** Adds an object from the watch. */
  observe(alert: AegisAlert): void;
  /** Removes an object that the watch reports as deleted. */
  observeGone(alert: AegisAlert): void;
  /** Adds an object that this process has just read or written. */
  learn(alert: AegisAlert): void;
  /** Removes an object that this process has found to be deleted. */
  learnGone(alert: AegisAlert): void;
}

/** State of an object as this process read or wrote it; without `alert`: the object of this uid is deleted. */
interface Own {
  alert?: AegisAlert;
  key: string;
  uid: string | undefined;
  until: number;
}

/** @param monotonicMs see `Clock` */
export function createEpisodeIndex(monotonicMs: () => number): EpisodeIndex {
  const watched = new Map<string, AegisAlert>();
  /** Oldest first. */
  const own = new Map<string, Own>();
  const idsByKey = new Map<string, Set<string>>();

  return {
    episodesOf,
    get: (namespace, name) => current(`${namespace}/${name}`),
    all: () => [...watched.keys()].map(current).filter((alert) => alert !== undefined),
    observe: (alert) => {
      const id = idOf(alert);
      watched.set(id, alert);
      link(keyOf(alert), id);
      const mine = own.get(id);
      const confirmed = mine?.alert === undefined ? mine?.uid !== alert.metadata.uid : !isNewer(mine.alert, alert);
      if (confirmed) own.delete(id);
    },
    observeGone: (alert) => {
      const id = idOf(alert);
      if (watched.get(id)?.metadata.uid === alert.metadata.uid) watched.delete(id);
      if (own.get(id)?.uid === alert.metadata.uid) own.delete(id);
      unlink(keyOf(alert), id);
    },
    learn: (alert) => {
      const mine = own.get(idOf(alert))?.alert;
      if (!isNewer(mine, alert)) remember(alert, { alert });
    },
    learnGone: (alert) => {
      remember(alert, {});
    },
  };

  function episodesOf(key: string): readonly AegisAlert[] {
    const found: AegisAlert[] = [];
    for (const id of idsByKey.get(key) ?? []) {
      const alert = current(id);
      if (alert !== undefined) found.push(alert);
    }
    return found;
  }

  function current(id: string): AegisAlert | undefined {
    const seen = watched.get(id);
    const mine = own.get(id);
    if (mine === undefined || mine.until < monotonicMs()) return seen;
    if (mine.alert !== undefined) return isNewer(mine.alert, seen) ? mine.alert : seen;
    return seen?.metadata.uid === mine.uid ? undefined : seen;
  }

  function remember(alert: AegisAlert, what: { alert?: AegisAlert }): void {
    const id = idOf(alert);
    const key = keyOf(alert);
    own.delete(id);
    own.set(id, { ...what, key, uid: alert.metadata.uid, until: monotonicMs() + ownMs });
    link(key, id);
    for (const [old, { until, key: oldKey }] of own) {
      if (until >= monotonicMs()) break;
      own.delete(old);
      unlink(oldKey, old);
    }
  }

  function link(key: string, id: string): void {
    const ids = idsByKey.get(key);
    if (ids === undefined) idsByKey.set(key, new Set([id]));
    else ids.add(id);
  }

  function unlink(key: string, id: string): void {
    if (watched.has(id) || own.has(id)) return;
    const ids = idsByKey.get(key);
    ids?.delete(id);
    if (ids?.size === 0) idsByKey.delete(key);
  }
}

/** Alerts that were created by hand have no key; they are found by name only. */
function keyOf({ metadata }: AegisAlert): string {
  return metadata.labels?.[labels.dedupKey] ?? '';
}

function idOf({ metadata }: AegisAlert): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

/** Resource versions of one resource are increasing numbers; where they are not, the watch wins. */
function isNewer(own: AegisAlert | undefined, watched: AegisAlert | undefined): boolean {
  if (own === undefined) return false;
  if (watched === undefined) return true;
  return Number(own.metadata.resourceVersion) > Number(watched.metadata.resourceVersion);
}
