import { z } from 'zod';
import type { ResourceType } from './object.ts';
import { objectSchema, type CustomObject } from './object-schema.ts';
import { DiagnosisStatus } from './diagnosis-status.ts';
import { immutable, rule } from './rules.ts';
import { Duration, NamespaceName, ObjectName, TtlStrategy } from './schema.ts';

/** What can be diagnosed. `PytorchJob` is the original's spelling: read, never written. */
export const DiagnosisKind = z.enum([
  'Node',
  'Pod',
  'PyTorchJob',
  'PytorchJob',
  'Workflow',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'Job',
  'CronJob',
  'Service',
  'PersistentVolumeClaim',
]);
export type DiagnosisKind = z.infer<typeof DiagnosisKind>;

export const DiagnosisObject = immutable(
  z.object({
    kind: DiagnosisKind.describe('Kind of the object.'),
    name: ObjectName.describe('Name of the object.'),
    namespace: NamespaceName.optional().describe(
      'Namespace of the object. Default: that of the diagnosis. Another one needs the right to read there.',
    ),
    node: ObjectName.optional().describe('The node it runs on, where that is known already.'),
  }),
  'a diagnosis is about one object: create another AegisDiagnosis for another object',
);
export type DiagnosisObject = z.infer<typeof DiagnosisObject>;

export const DiagnosisSpec = z.object({
  object: DiagnosisObject.describe('What to diagnose.'),
  timeout: Duration.default('5m').describe('How long it may take in all, as 90s or 5m.'),
  ttlStrategy: TtlStrategy.optional().describe('How long the object is kept after the diagnosis is done.'),
  explain: z.boolean().optional().describe('Whether a model words the result. Default: true where one is configured.'),
  language: z
    .string()
    .max(35)
    .regex(/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/)
    .optional()
    .describe('Language of the explanation as a BCP 47 tag, such as en or zh-CN.'),
});
export type DiagnosisSpec = z.infer<typeof DiagnosisSpec>;

export const AegisDiagnosis = rule(
  objectSchema('AegisDiagnosis', {
    spec: DiagnosisSpec.describe('What to diagnose.'),
    status: DiagnosisStatus.optional().describe('What was found.'),
  }).describe('What is wrong with one object: evidence first, then findings, then words.'),
  {
    rule: 'oldSelf.hasValue() || size(self.metadata.name) <= 63',
    optionalOldSelf: true,
    message: 'metadata.name must have at most 63 characters, because it labels the pods that collect evidence',
  },
  ({ metadata }) => (metadata.name ?? '').length <= 63,
);
/** What is wrong with one object. */
export type AegisDiagnosis = CustomObject<'AegisDiagnosis', DiagnosisSpec, DiagnosisStatus>;

export const aegisDiagnosises: ResourceType<AegisDiagnosis> = {
  group: 'aegis.io',
  version: 'v1alpha1',
  plural: 'aegisdiagnosises',
  kind: 'AegisDiagnosis',
  namespaced: true,
};
