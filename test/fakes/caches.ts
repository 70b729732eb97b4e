import type { Caches } from '../../apiserver/caches.ts';
import type { KubeObject } from '../../crds/object.ts';
import { createCache } from '../../kube/cache/cache.ts';
import { attemptIndexers, byRemediation } from '../../remediation/attempts/indexes.ts';
import type { AegisRemediation } from '../../crds/remediation.ts';
import { noon } from '../builders/objects.ts';

/** The objects in the caches, by the names of the caches. */
export type Contents = Partial<Record<keyof Caches, readonly KubeObject[]>>;

/** Caches that hold these objects and that the API server fed last at noon. */
export function fakeCaches(contents: Contents): Caches {
  const cacheOf = (name: keyof Caches) => {
    const cache = createCache<KubeObject>({
      ...Object.fromEntries(
        Object.entries(attemptIndexers).map(([index, of]) => [
          index,
          (object: KubeObject) => (name === 'remediations' ? of(object as AegisRemediation) : []),
        ]),
      ),
      [byRemediation.name]: (object) => (name === 'workflows' ? byRemediation.of(object) : []),
    });
    for (const object of contents[name] ?? []) cache.put(object);
    return { ...cache, lastHeard: () => noon };
  };
  const names = ['alerts', 'rules', 'templates', 'policies', 'remediations', 'workflows', 'nodes'] as const;
  return Object.fromEntries(names.map((name) => [name, cacheOf(name)])) as unknown as Caches;
}
