import { z } from 'zod';
import { Conditions, Count, Generation, list, mapList, text, Time } from './schema.ts';

/** ID of one piece of evidence, such as `E12`. */
const EvidenceId = z
  .string()
  .max(16)
  .regex(/^E[0-9]+$/);

/** A code of the closed vocabulary of causes, such as `container.oom.limit`. */
const CauseCode = z
  .string()
  .max(128)
  .regex(/^[A-Za-z0-9]+([._-][A-Za-z0-9]+)*$/);

const Component = z.object({
  kind: text(63).describe('Kind of the component, such as Container or Node.'),
  namespace: text(63).optional().describe('Namespace of the component; empty for cluster-scoped kinds.'),
  name: text(317).describe('Name of the component; pod/container for a container.'),
});

export const RootCause = z.object({
  code: CauseCode.describe('Code of the cause, from a closed vocabulary.'),
  component: Component.optional().describe('Component that is affected.'),
  layer: z
    .enum([
      ...['workload', 'config', 'scheduling', 'storage', 'network'],
      ...['node', 'hardware', 'control-plane', 'external'],
    ] as const)
    .optional()
    .describe('Layer of the system that the cause is in.'),
  confidence: z.enum(['Low', 'Medium', 'High']).optional().describe('How direct the evidence is.'),
  evidence: list(EvidenceId, 64).optional().describe('IDs of the supporting evidence.'),
});
export type RootCause = z.infer<typeof RootCause>;

export const Finding = z.object({
  code: CauseCode.describe('Code of the finding, from a closed vocabulary.'),
  severity: z.enum(['Critical', 'Warning', 'Info']).describe('Severity of the finding.'),
  message: text(4096).describe('Description of the finding.'),
  evidence: list(EvidenceId, 64).optional().describe('IDs of the supporting evidence.'),
});
export type Finding = z.infer<typeof Finding>;

export const Evidence = z.object({
  id: EvidenceId.describe('ID that findings refer to.'),
  source: text(128).describe('Type of source, such as object, event, log or metric.'),
  object: text(400).optional().describe('Object that the evidence concerns, as kind/namespace/name.'),
  text: text(8192).describe('Content, with secrets removed.'),
  time: Time.optional().describe('Time of the occurrence.'),
  untrusted: z.boolean().optional().describe('Whether a workload or a sender can control the text.'),
});
export type Evidence = z.infer<typeof Evidence>;

const Missing = z.object({
  what: text(1024).describe('Data that could not be read.'),
  reason: text(1024).describe('Reason why it could not be read.'),
});

const lines = list(text(8192), 256);

/** The original's result; derived from the findings. */
const OriginalResult = z.object({
  status: z
    .enum(['Healthy', 'Unhealthy', 'UnHealthy', 'Unknown'])
    .optional()
    .describe("Verdict in the original's terms; UnHealthy is its spelling: read, never written."),
  failures: lines.optional().describe('Critical findings.'),
  warnings: lines.optional().describe('Warnings.'),
  infos: lines.optional().describe('Additional facts.'),
});

const Usage = z.object({
  model: text(128).optional().describe('Name of the model.'),
  inputTokens: Count.optional().describe('Number of tokens sent.'),
  outputTokens: Count.optional().describe('Number of tokens received.'),
  cost: text(32).optional().describe('Cost, such as 0.0123 USD.'),
});

export const DiagnosisStatus = z.object({
  observedGeneration: Generation.optional().describe('The `metadata.generation` that this status describes.'),
  phase: z
    .enum(['Unknown', 'Pending', 'Diagnosing', 'Completed', 'Failed'])
    .optional()
    .describe('Phase of the diagnosis. Unknown is a value of the original: read, never written.'),
  startTime: Time.optional().describe('Start of the diagnosis.'),
  completionTime: Time.optional().describe('End of the diagnosis.'),
  verdict: z
    .enum(['Healthy', 'Unhealthy', 'Degraded', 'Inconclusive'])
    .optional()
    .describe('Result of the diagnosis. Inconclusive: too much data could not be read; see `missing`.'),
  rootCause: RootCause.optional().describe('Most likely root cause.'),
  findings: list(Finding, 128).optional().describe('Findings, most severe first.'),
  evidence: mapList(Evidence, ['id'], 256).optional().describe('Evidence that was collected.'),
  missing: list(Missing, 64).optional().describe('Data that could not be read.'),
  explain: text(65536).optional().describe('Explanation written by a model; absent where no model is configured.'),
  result: OriginalResult.optional().describe("The original's fields, derived from the findings."),
  errorResult: text(8192).optional().describe('Error that made the diagnosis fail.'),
  usage: Usage.optional().describe('Resources that the model used.'),
  conditions: Conditions.optional().describe('Conditions Collected, Analyzed and Explained.'),
});
export type DiagnosisStatus = z.infer<typeof DiagnosisStatus>;
