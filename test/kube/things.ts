import type { KubeObject, ResourceType } from '../../crds/object.ts';
import type { Logger } from '../../lib/logger.ts';
import { eventually } from '../harness/eventually.ts';

/** A kind for tests of the client. */
export interface Thing extends KubeObject {
  spec?: { value: string };
  status?: { phase?: string; count?: number; list?: string[] };
}

export const things: ResourceType<Thing> = {
  group: 'test.aegis.io',
  version: 'v1',
  plural: 'things',
  kind: 'Thing',
  namespaced: true,
};

export function thing(name: string, resourceVersion = '1', extra: Partial<Thing> = {}): Thing {
  return {
    apiVersion: 'test.aegis.io/v1',
    kind: 'Thing',
    metadata: { namespace: 'ns', name, uid: `uid-${name}`, resourceVersion },
    ...extra,
  };
}

/** A logger that remembers what was warned of. */
export function createFakeLogger(): Logger & { readonly lines: { fields: object; message: string }[] } {
  const lines: { fields: object; message: string }[] = [];
  const keep = (fields: object | string, message?: string) =>
    void lines.push(typeof fields === 'string' ? { fields: {}, message: fields } : { fields, message: message ?? '' });
  const ignore = () => undefined;
  const logger = { lines, debug: ignore, info: ignore, warn: keep, error: keep, fatal: keep, child: () => logger };
  return logger;
}

/** Resolves when the condition holds. */
export async function until(condition: () => boolean): Promise<void> {
  await eventually('a condition to hold', condition, { everyMs: 1 });
}
