import { z } from 'zod';
import { NamespaceName, ObjectName, text, Time } from '../schema.ts';

/** Group and version of what the subresources answer. */
export const subresourceVersion = 'subresources.aegis.io/v1alpha1';

/** Whose subresource this is: the parent object as it was looked at. */
export const SubjectMetadata = z.object({
  name: ObjectName.describe('Name of the object that was asked about.'),
  namespace: text(63).describe('Its namespace.'),
  uid: text(64).describe('Its uid.'),
  resourceVersion: text(64).describe('The version of it that was looked at.'),
  creationTimestamp: Time.optional().describe('When it was created.'),
});
export type SubjectMetadata = z.infer<typeof SubjectMetadata>;

/** The schema of an answer about one object. */
export function subresourceSchema<const K extends string, S extends z.ZodRawShape>(kind: K, shape: S) {
  return z.object({
    apiVersion: z.literal(subresourceVersion).describe('Group and version of this kind.'),
    kind: z.literal(kind).describe('The name of this kind.'),
    metadata: SubjectMetadata.describe('Whose subresource this is.'),
    ...shape,
  });
}

/** Name, namespace and generation of a rule or template. */
export const Origin = z.object({
  name: ObjectName.describe('Name.'),
  namespace: NamespaceName.describe('Namespace.'),
  generation: z.int().min(0).optional().describe('Its metadata.generation.'),
});
export type Origin = z.infer<typeof Origin>;
