import type { AegisAlert } from '../../../crds/alert.ts';
import { isOpen } from '../../../alerts/episode.ts';
import { factsChange } from '../../../alerts/episode-object.ts';
import type { EpisodeIndex } from './episode-index.ts';
import { forEachLimited } from '../../../lib/for-each-limited.ts';
import type { AlertStore, ChangeResult, Seen } from './alert-store.ts';
import type { Recorded, Submission } from './recorder.ts';

/** Maximum number of episodes with unwritten repeats; repeats of further episodes are not counted. */
const maxEpisodes = 20_000;
const concurrency = 4;
const attempts = 3;
/** Milliseconds for one episode. */
const writeMs = 5_000;

/** Records a submission, as `EpisodeWriter.record` does. */
type Record = (submission: Submission, signal: AbortSignal) => Promise<Recorded>;

/** Dependencies of the counter of repeats. */
export interface RepeatCounterPorts {
  store: AlertStore;
  index: EpisodeIndex;
  onWrite(): void;
  onDropped(count: number): void;
}

interface Pending {
  of: AegisAlert;
  count: number;
  last: Submission;
}

/**
 * Adds up repeats, so that they cost one write a second and episode instead of one each. A count may miss repeats (after
 * a crash, or when the result of a write is unknown), but it never includes repeats that were not received.
 */
export class RepeatCounter {
  readonly #ports: RepeatCounterPorts;
  #pending = new Map<string, Pending>();
  #flushing = Promise.resolve();
  #writing = 0;

  constructor(ports: RepeatCounterPorts) {
    this.#ports = ports;
  }

  /** Counts one repeat of an episode. */
  add(of: AegisAlert, submission: Submission): void {
    this.#merge({ of, count: 1, last: submission });
  }

  /** Returns the number of episodes with repeats that are not written yet. */
  pending(): number {
    return this.#pending.size + this.#writing;
  }

  /**
   * Writes what has been added up, after any flush that is under way. Never fails.
   *
   * @param record is called with a repeat whose episode had ended when it came, unknown to this process
   */
  flush(record: Record): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#flush(record));
    return this.#flushing;
  }

  async #flush(record: Record): Promise<void> {
    const all = [...this.#pending.values()];
    // Each replica starts elsewhere: replicas that receive the same alerts would otherwise conflict on each of them.
    const first = Math.floor(Math.random() * all.length);
    const batch = [...all.slice(first), ...all.slice(0, first)];
    this.#pending = new Map();
    this.#writing = batch.length;
    let down = false;
    await forEachLimited(batch, concurrency, async (entry) => {
      // After one failure the others are not tried: they would only wait for the same.
      const result = down ? { rest: entry } : await write(this.#ports, record, entry);
      down ||= result.failed === true;
      this.#writing -= 1;
      if (result.rest !== undefined) this.#merge(result.rest);
    });
  }

  #merge(entry: Pending): void {
    const id = entry.of.metadata.uid ?? '';
    const known = this.#pending.get(id);
    if (known !== undefined) {
      known.count += entry.count;
      if (entry.last.receivedAt >= known.last.receivedAt) known.last = entry.last;
    } else if (this.#pending.size < maxEpisodes) this.#pending.set(id, entry);
    else this.#ports.onDropped(entry.count);
  }
}

/** The rest that is still to be written, if any, and whether the API server failed. */
interface Written {
  rest?: Pending;
  failed?: boolean;
}

async function write(ports: RepeatCounterPorts, record: Record, entry: Pending): Promise<Written> {
  const { namespace = '', name } = entry.of.metadata;
  const signal = AbortSignal.timeout(writeMs);
  // Whether a write may have happened without an answer.
  const unsure = { count: false };
  try {
    let alert = ports.index.get(namespace, name) ?? entry.of;
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      if (!isOpen(alert)) alert = await reread(ports, entry.of, signal);
      if (await isOver(record, entry, alert, signal)) return {};
      if (isOpen(alert)) alert = await writeFacts(ports, alert, entry.last, signal);
      unsure.count = true;
      const result = await ports.store.writeSeen(alert, seenOf(alert, entry), signal);
      unsure.count = false;
      if (result.outcome !== 'stale') return done(ports, result);
      alert = await reread(ports, entry.of, signal);
    }
    return { rest: entry };
  } catch {
    if (unsure.count) ports.onDropped(entry.count);
    return { rest: { ...entry, count: unsure.count ? 0 : entry.count }, failed: true };
  }
}

function done(ports: RepeatCounterPorts, result: ChangeResult): Written {
  if (result.outcome === 'changed') ports.index.learn(result.alert);
  ports.onWrite();
  return {};
}

/** Reads the object again; its uid is empty when there is none. */
async function reread(ports: RepeatCounterPorts, alert: AegisAlert, signal: AbortSignal): Promise<AegisAlert> {
  const { namespace = '', name, uid } = alert.metadata;
  const now = await ports.store.get(namespace, name, signal);
  if (now?.metadata.uid !== uid) ports.index.learnGone(alert);
  if (now !== undefined) ports.index.learn(now);
  return now ?? { ...alert, metadata: { ...alert.metadata, uid: '' } };
}

/** Whether nothing is left to count: the repeat has become an episode of its own, or its episode was deleted. */
async function isOver(record: Record, entry: Pending, alert: AegisAlert, signal: AbortSignal): Promise<boolean> {
  const isSame = alert.metadata.uid === entry.of.metadata.uid;
  if (isSame && isOpen(alert)) return false;
  const recorded = await record(entry.last, signal);
  // Ignored: it came before the end of the episode, so it is a repeat after all.
  return recorded.outcome !== 'ignored' || !isSame || alert.metadata.deletionTimestamp !== undefined;
}

function seenOf(alert: AegisAlert, { count, last }: Pending): Seen {
  return { count: (alert.status?.count ?? 1) + count, lastSeenTime: last.receivedAt.toISOString() };
}

/** Stores details that repeats have changed; returns the alert, unchanged when that is not possible now. */
async function writeFacts(
  ports: RepeatCounterPorts,
  alert: AegisAlert,
  last: Submission,
  signal: AbortSignal,
): Promise<AegisAlert> {
  const change = factsChange(alert, last.alert);
  if (change === undefined) return alert;
  const result = await ports.store.change(alert, change, signal);
  if (result.outcome !== 'changed') return alert;
  ports.index.learn(result.alert);
  ports.onWrite();
  return result.alert;
}
