import { z } from 'zod';
import { NamespaceName, ObjectName, text, Time } from '../schema.ts';

/** Group and version of the responses of the subresources. */
export const subresourceVersion = 'subresources.aegis.io/v1alpha1';

/** Metadata of the parent object of a subresource. */
export const SubjectMetadata = z.object({
  name: ObjectName.describe('Name of the parent object.'),
  namespace: text(63).describe('Namespace of the parent object.'),
  uid: text(64).describe('UID of the parent object.'),
  resourceVersion: text(64).describe('Version of the parent object that was read.'),
  creationTimestamp: Time.optional().describe('Time at which the parent object was created.'),
});
export type SubjectMetadata = z.infer<typeof SubjectMetadata>;

/** Returns the schema of a response about one object. */
export function subresourceSchema<const K extends string, S extends z.ZodRawShape>(kind: K, shape: S) {
  return z.object({
    apiVersion: z.literal(subresourceVersion).describe('Group and version of this kind.'),
    kind: z.literal(kind).describe('The name of this kind.'),
    metadata: SubjectMetadata.describe('Metadata of the parent object.'),
    ...shape,
  });
}

/** Name, namespace and generation of a rule or template. */
export const Origin = z.object({
  name: ObjectName.describe('Name of the object.'),
  namespace: NamespaceName.describe('Namespace of the object.'),
  generation: z.int().min(0).optional().describe('The `metadata.generation` of the object.'),
});
export type Origin = z.infer<typeof Origin>;
