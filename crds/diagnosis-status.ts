import { z } from 'zod';
import { Conditions, Count, Generation, list, mapList, text, Time } from './schema.ts';

/** The id of one piece of evidence, such as `E12`. */
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
  kind: text(63).describe('Kind, such as Container or Node.'),
  namespace: text(63).optional().describe('Namespace, unless it is cluster-scoped.'),
  name: text(317).describe('Name; a container as pod/container.'),
});

export const RootCause = z.object({
  code: CauseCode.describe('The cause, from a closed vocabulary.'),
  component: Component.optional().describe('Where it is.'),
  layer: z
    .enum([
      ...['workload', 'config', 'scheduling', 'storage', 'network'],
      ...['node', 'hardware', 'control-plane', 'external'],
    ] as const)
    .optional()
    .describe('Which layer of the system it is in.'),
  confidence: z.enum(['Low', 'Medium', 'High']).optional().describe('How direct the evidence is, by rule.'),
  evidence: list(EvidenceId, 64).optional().describe('Ids of the evidence that shows it.'),
});
export type RootCause = z.infer<typeof RootCause>;

export const Finding = z.object({
  code: CauseCode.describe('What was found, from a closed vocabulary.'),
  severity: z.enum(['Critical', 'Warning', 'Info']).describe('How bad it is.'),
  message: text(4096).describe('What was found, in words.'),
  evidence: list(EvidenceId, 64).optional().describe('Ids of the evidence that shows it.'),
});
export type Finding = z.infer<typeof Finding>;

export const Evidence = z.object({
  id: EvidenceId.describe('What findings refer to.'),
  source: text(128).describe('Where it was read, such as object, event, log or metric.'),
  object: text(400).optional().describe('The object it is about, as kind/namespace/name.'),
  text: text(8192).describe('What was read, without secrets.'),
  time: Time.optional().describe('When it happened.'),
  untrusted: z.boolean().optional().describe('Whether its text could be written by a workload or a sender.'),
});
export type Evidence = z.infer<typeof Evidence>;

const Missing = z.object({
  what: text(1024).describe('What could not be read.'),
  reason: text(1024).describe('Why.'),
});

const lines = list(text(8192), 256);

/** The original's result; derived from the findings. */
const OriginalResult = z.object({
  status: z
    .enum(['Healthy', 'Unhealthy', 'UnHealthy', 'Unknown'])
    .optional()
    .describe("The verdict in the original's words; UnHealthy is its spelling, read and never written."),
  failures: lines.optional().describe('Findings that are critical.'),
  warnings: lines.optional().describe('Findings that are warnings.'),
  infos: lines.optional().describe('Facts that may help.'),
});

const Usage = z.object({
  model: text(128).optional().describe('The model that was asked.'),
  inputTokens: Count.optional().describe('Tokens sent.'),
  outputTokens: Count.optional().describe('Tokens received.'),
  cost: text(32).optional().describe('What it cost, as 0.0123 USD.'),
});

export const DiagnosisStatus = z.object({
  observedGeneration: Generation.optional().describe('The `metadata.generation` that was looked at.'),
  phase: z
    .enum(['Unknown', 'Pending', 'Diagnosing', 'Completed', 'Failed'])
    .optional()
    .describe('How far it is. Unknown is of the original: read, never written.'),
  startTime: Time.optional().describe('When it began.'),
  completionTime: Time.optional().describe('When it was done.'),
  verdict: z
    .enum(['Healthy', 'Unhealthy', 'Degraded', 'Inconclusive'])
    .optional()
    .describe('Inconclusive: too much could not be read to say; see `missing`.'),
  rootCause: RootCause.optional().describe('What most likely is behind it all.'),
  findings: list(Finding, 128).optional().describe('What the rules found, the worst first.'),
  evidence: mapList(Evidence, ['id'], 256).optional().describe('What was read.'),
  missing: list(Missing, 64).optional().describe('What could not be read, and why.'),
  explain: text(65536).optional().describe('The result in the words of a model; absent without one.'),
  result: OriginalResult.optional().describe("The original's fields, derived from the findings."),
  errorResult: text(8192).optional().describe('Why the diagnosis failed.'),
  usage: Usage.optional().describe('What the model used.'),
  conditions: Conditions.optional().describe('Collected, Analyzed and Explained, each with its reason.'),
});
export type DiagnosisStatus = z.infer<typeof DiagnosisStatus>;
