import { z } from 'zod';
import type { ResourceType } from './object.ts';
import { objectSchema, type CustomObject } from './object-schema.ts';
import { DiagnosisStatus } from './diagnosis-status.ts';
import { immutable, rule } from './rules.ts';
import { Duration, NamespaceName, ObjectName, TtlStrategy } from './schema.ts';

/** Kinds that can be diagnosed. `PytorchJob` is the original's spelling: read, never written. */
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
      'Namespace of the object. Default: that of the diagnosis. Another namespace requires the right to read there.',
    ),
    node: ObjectName.optional().describe('Node that the object runs on, if known.'),
  }),
  'object is immutable: create another AegisDiagnosis for another object',
);
export type DiagnosisObject = z.infer<typeof DiagnosisObject>;

export const DiagnosisSpec = z.object({
  object: DiagnosisObject.describe('Object to diagnose.'),
  timeout: Duration.default('5m').describe('Maximum duration of the diagnosis, such as 90s or 5m.'),
  ttlStrategy: TtlStrategy.optional().describe('How long the AegisDiagnosis is kept after it has ended.'),
  explain: z
    .boolean()
    .optional()
    .describe('Whether a model explains the result. Default: true where a model is configured.'),
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
    spec: DiagnosisSpec.describe('Object to diagnose, and how.'),
    status: DiagnosisStatus.optional().describe('Result of the diagnosis.'),
  }).describe('AegisDiagnosis finds the root cause of a problem of one object.'),
  {
    rule: 'oldSelf.hasValue() || size(self.metadata.name) <= 63',
    optionalOldSelf: true,
    message: 'metadata.name must have at most 63 characters, because it is a label value',
  },
  ({ metadata }) => (metadata.name ?? '').length <= 63,
);
/** A diagnosis of one object. */
export type AegisDiagnosis = CustomObject<'AegisDiagnosis', DiagnosisSpec, DiagnosisStatus>;

export const aegisDiagnosises: ResourceType<AegisDiagnosis> = {
  group: 'aegis.io',
  version: 'v1alpha1',
  plural: 'aegisdiagnosises',
  kind: 'AegisDiagnosis',
  namespaced: true,
};
