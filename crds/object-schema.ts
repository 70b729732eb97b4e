import { z } from 'zod';
import type { KubeObject, ObjectMeta } from './object.ts';

const Metadata = z.looseObject({ name: z.string().max(253).optional(), namespace: z.string().max(63).optional() });

/** Returns the schema of an object: the fields of every kind and those of `shape`. */
export function objectSchema<const K extends string, S extends z.ZodRawShape>(kind: K, shape: S) {
  return z.object({
    apiVersion: z.literal('aegis.io/v1alpha1').describe('Group and version of this kind.'),
    kind: z.literal(kind).describe('Name of this kind.'),
    metadata: Metadata,
    ...shape,
  });
}

/** An object of a kind whose spec and status have these types; `metadata` is the API server's own type. */
export interface CustomObject<K extends string, Spec, Status> extends KubeObject {
  apiVersion: 'aegis.io/v1alpha1';
  kind: K;
  metadata: ObjectMeta;
  spec: Spec;
  status?: Status;
}
