import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { SenderSecret, SenderSecrets } from '../../../alerts/sources/source.ts';
import { Refusal } from '../../http/refusal.ts';

/** Milliseconds after which the file is read again, so that secrets can be replaced while the process runs. */
const maxAgeMs = 2_000;

/** The secrets of a source, read from a file of `<secret> [namespace...]` lines; empty lines and # lines are skipped. */
export class SecretFile implements SenderSecrets {
  readonly #path: string;
  readonly #monotonicMs: () => number;
  readonly #read: (path: string) => Promise<string>;
  #known: { secrets: Promise<readonly SenderSecret[]>; until: number } | undefined;

  /** @param monotonicMs see `Clock` */
  constructor(
    path: string,
    monotonicMs: () => number,
    read: (path: string) => Promise<string> = (file) => readFile(file, 'utf8'),
  ) {
    this.#path = path;
    this.#monotonicMs = monotonicMs;
    this.#read = read;
  }

  /** @throws Refusal 503 when the file cannot be read */
  all(): Promise<readonly SenderSecret[]> {
    if (this.#known === undefined || this.#known.until < this.#monotonicMs()) {
      this.#known = { secrets: this.#load(), until: this.#monotonicMs() + maxAgeMs };
    }
    return this.#known.secrets;
  }

  async #load(): Promise<readonly SenderSecret[]> {
    const text = await this.#read(this.#path).catch(() => {
      // Neither open to every sender nor refused for good: the sender tries again.
      throw new Refusal(503, 'TokensUnreadable', 'the tokens cannot be read now; send this again later');
    });
    return parseSecrets(text);
  }
}

function parseSecrets(text: string): SenderSecret[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [value = '', ...namespaces] = line.split(/[\s,]+/);
      return { value, digest: createHash('sha256').update(value).digest(), namespaces };
    });
}
