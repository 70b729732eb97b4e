import type { AegisAlert } from '../../../crds/alert.ts';
import { labels } from '../../../crds/labels.ts';

/** How long an own write is believed when the watch does not confirm it; then the API server is asked again. */
const ownMs = 30_000;

/**
 * The episodes that are known: what the watch has told, and what this process has read or written since. A hint: the
 * truth is what creating and changing answers.
 */
export interface EpisodeIndex {
  episodesOf(key: string): readonly AegisAlert[];
  get(namespace: string, name: string): AegisAlert | undefined;
  /** All that the watch has told of, as they are known now. */
  all(): AegisAlert[];
  /** The watch has told of an object, or of its end. */
  observe(alert: AegisAlert): void;
  observeGone(alert: AegisAlert): void;
  /** This process has just read or written the object. */
  learn(alert: AegisAlert): void;
  /** This process has found that the object is gone. */
  learnGone(alert: AegisAlert): void;
}

/** What this process knows of an object; without `alert`: the object of this uid is gone. */
interface Own {
  alert?: AegisAlert;
  key: string;
  uid: string | undefined;
  until: number;
}

/** @param monotonicMs see `Clock` */
export function createEpisodeIndex(monotonicMs: () => number): EpisodeIndex {
  const watched = new Map<string, AegisAlert>();
  /** The oldest first. */
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

/** Alerts that somebody wrote by hand have no key; they are found by name only. */
function keyOf({ metadata }: AegisAlert): string {
  return metadata.labels?.[labels.dedupKey] ?? '';
}

function idOf({ metadata }: AegisAlert): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

/** Resource versions of one resource are numbers that grow; where they are not, the watch is believed. */
function isNewer(own: AegisAlert | undefined, watched: AegisAlert | undefined): boolean {
  if (own === undefined) return false;
  if (watched === undefined) return true;
  return Number(own.metadata.resourceVersion) > Number(watched.metadata.resourceVersion);
}
