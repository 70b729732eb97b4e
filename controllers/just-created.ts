import { LRUCache } from 'lru-cache';
import type { KubeObject } from '../crds/object.ts';

/**
 * Objects that this process created a moment ago. For as long as nothing can have run its whole course since, not even
 * in another process, the state of an object at its creation is as good as one that is read anew.
 */
export interface JustCreated {
  /** @param since when the request was sent, in monotonic milliseconds */
  note(created: KubeObject, since: number): void;
  /** Whether the object is still as this process created it, a moment ago. */
  has(object: KubeObject): boolean;
}

/** Milliseconds. A Workflow needs longer to be started, to end, to be recorded and to be deleted. */
const momentMs = 1_000;
const maxNoted = 1_024;

export function createJustCreated(monotonicMs: () => number): JustCreated {
  const noted = new LRUCache<string, { resourceVersion: string | undefined; since: number }>({ max: maxNoted });
  return {
    note: ({ metadata: { uid = '', resourceVersion } }, since) => {
      noted.set(uid, { resourceVersion, since });
    },
    has: ({ metadata: { uid = '', resourceVersion } }) => {
      const known = noted.get(uid);
      if (known === undefined) return false;
      return known.resourceVersion === resourceVersion && monotonicMs() - known.since < momentMs;
    },
  };
}
