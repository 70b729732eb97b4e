import { redactText } from '../../../process/redaction.ts';

/** A payload or an alert that can never be stored, kept for troubleshooting. */
export interface DeadLetter {
  readonly source: string;
  readonly reason: string;
  readonly message: string;
  /** The payload as it was sent; never headers. */
  readonly content: string;
}

/** The ConfigMap that holds the dead letters. */
export interface DeadLetterStore {
  /** Returns undefined when there is none yet. */
  read(signal: AbortSignal): Promise<DeadLetterBox | undefined>;
  /** Replaces what was read; returns false when another replica has written since. */
  write(box: DeadLetterBox, signal: AbortSignal): Promise<boolean>;
}

export interface DeadLetterBox {
  entries: Record<string, string>;
  /** Undefined before the first writing. */
  resourceVersion?: string | undefined;
}

export interface DeadLetters {
  add(letter: DeadLetter): void;
  /** Writes what has been added. Never fails. */
  flush(): Promise<void>;
}

export interface DeadLetterPorts {
  store: DeadLetterStore;
  now(): Date;
  onKept(letter: DeadLetter): void;
  onFailure(count: number, error: unknown): void;
}

const maxEntries = 50;
const maxEntryBytes = 4096;
const attempts = 5;
const writeMs = 5_000;

/** Keeps the newest dead letters of all replicas. Losing some is acceptable: the metrics count all of them. */
export function createDeadLetters(ports: DeadLetterPorts): DeadLetters {
  let waiting = new Map<string, { letter: DeadLetter; text: string }>();
  let sequence = 0;
  const process = crypto.randomUUID().slice(0, 8);

  return {
    add: (letter) => {
      const time = ports.now().toISOString();
      sequence += 1;
      // Keys sort by time and differ between replicas.
      const key = `${time.replaceAll(':', '-')}-${process}-${String(sequence % 1e6).padStart(6, '0')}`;
      waiting.set(key, { letter, text: entryText(time, letter) });
      const [oldest] = waiting.keys();
      if (waiting.size > maxEntries && oldest !== undefined) waiting.delete(oldest);
    },
    flush,
  };

  async function flush(): Promise<void> {
    if (waiting.size === 0) return;
    const added = waiting;
    waiting = new Map();
    try {
      await append(ports.store, Object.fromEntries([...added].map(([key, { text }]) => [key, text])));
      for (const { letter } of added.values()) ports.onKept(letter);
    } catch (error) {
      ports.onFailure(added.size, error);
    }
  }
}

async function append(store: DeadLetterStore, added: Record<string, string>): Promise<void> {
  const signal = AbortSignal.timeout(writeMs);
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const box = await store.read(signal);
    const all = Object.entries({ ...box?.entries, ...added }).sort(([a], [b]) => (a < b ? -1 : 1));
    const entries = Object.fromEntries(all.slice(-maxEntries));
    if (await store.write({ entries, resourceVersion: box?.resourceVersion }, signal)) return;
  }
  throw new Error('conflicts with other replicas on every attempt');
}

/** Returns an entry as JSON of at most `maxEntryBytes` bytes; content is cut to fit. */
function entryText(time: string, { source, reason, message, content }: DeadLetter): string {
  const clean = redactText(content.slice(0, maxEntryBytes)).toWellFormed();
  for (let length = clean.length; ; length = Math.floor(length / 2)) {
    const shown = length === content.length ? clean : `${clean.slice(0, length).toWellFormed()}…`;
    const text = JSON.stringify({ time, source, reason, message: message.slice(0, 500), content: shown });
    if (Buffer.byteLength(text) <= maxEntryBytes || length === 0) return text;
  }
}
