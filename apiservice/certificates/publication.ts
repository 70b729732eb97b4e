import type { Authority } from './authorities.ts';

/** Remembers since when authorities have been seen in what is registered, by a clock that never jumps. */
export interface Publication {
  /** What is published now; undefined when nothing is registered. */
  observe(authorities: readonly Authority[] | undefined): void;
  /** Milliseconds by id; undefined when nothing is registered. */
  publishedForMs(): ReadonlyMap<string, number> | undefined;
  /** Whether something was registered once and is no more. */
  withdrawn(): boolean;
  /** What was seen last. */
  authorities(): readonly Authority[];
}

/** @param hasRegistered whether this process has registered something, seen or not */
export function createPublication(monotonicMs: () => number, hasRegistered: () => boolean): Publication {
  let since: Map<string, number> | undefined;
  let registered = false;
  let last: readonly Authority[] = [];
  return {
    observe: (authorities) => {
      const now = monotonicMs();
      const before = since;
      since = authorities && new Map(authorities.map(({ id }) => [id, before?.get(id) ?? now]));
      registered ||= authorities !== undefined;
      last = authorities ?? [];
    },
    publishedForMs: () => {
      const now = monotonicMs();
      return since && new Map([...since].map(([id, at]) => [id, now - at]));
    },
    // It may come and go between two looks.
    withdrawn: () => (registered || hasRegistered()) && since === undefined,
    authorities: () => last,
  };
}
