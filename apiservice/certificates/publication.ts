import type { Authority } from './authorities.ts';

/**
 * The state of the registration of this installation: the registration records that it registered, the
 * certificates record which authorities are published, and since when by a clock that never jumps.
 */
export class Publication {
  readonly #monotonicMs: () => number;
  #since: Map<string, number> | undefined;
  #registered = false;
  #authorities: readonly Authority[] = [];

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs;
  }

  /** Notes that this process has registered its API: it may be deleted again before the next `observe`. */
  noteRegistered(): void {
    this.#registered = true;
  }

  /** @param authorities what is published now; undefined when nothing is registered */
  observe(authorities: readonly Authority[] | undefined): void {
    const now = this.#monotonicMs();
    const before = this.#since;
    this.#since = authorities && new Map(authorities.map(({ id }) => [id, before?.get(id) ?? now]));
    this.#registered ||= authorities !== undefined;
    this.#authorities = authorities ?? [];
  }

  /** Returns milliseconds by id; undefined when nothing is registered. */
  publishedForMs(): ReadonlyMap<string, number> | undefined {
    const now = this.#monotonicMs();
    return this.#since && new Map([...this.#since].map(([id, at]) => [id, now - at]));
  }

  /** Returns whether something was registered and is no more. */
  withdrawn(): boolean {
    return this.#registered && this.#since === undefined;
  }

  /** Returns the authorities that were observed last. */
  authorities(): readonly Authority[] {
    return this.#authorities;
  }
}
