import { Counter, Histogram, type Registry } from '../process/metrics.ts';
import type { Stages } from '../remediation/attempts/stages.ts';

/** Metrics of alerts and attempts; one set per process. */
export type DomainMetrics = ReturnType<typeof createDomainMetrics>;

export function createDomainMetrics(registry: Registry) {
  const registers = [registry];
  const triggers = new Counter({
    name: 'aegis_alert_trigger_total',
    help: 'Changes of the trigger status of alerts, by status.',
    labelNames: ['status'] as const,
    registers,
  });
  const phases = new Counter({
    name: 'aegis_remediation_phase_total',
    help: 'Changes of the phase of remediations, by phase and reason; Succeeded and Failed are the results of Workflows.',
    labelNames: ['phase', 'reason'] as const,
    registers,
  });
  const stages = new Histogram({
    name: 'aegis_remediation_stage_seconds',
    help: 'Time of each stage of remediations that rules started: detect, queue, humanWait, execute, verify.',
    labelNames: ['stage'] as const,
    buckets: [1, 5, 15, 60, 300, 900, 3_600, 4 * 3_600, 24 * 3_600],
    registers,
  });
  const auditFailures = new Counter({
    name: 'aegis_audit_failures_total',
    help: 'Decisions that could not be written to the audit file; submissions wait until they are written.',
    registers,
  });
  return {
    observeAuditFailure: (): void => {
      auditFailures.inc();
    },
    observeStages: (of: Stages): void => {
      for (const [stage, seconds] of Object.entries(of)) stages.observe({ stage }, seconds as number);
    },
    observeTrigger: (status: string): void => {
      triggers.inc({ status });
    },
    observePhase: ({ to, reason }: { to: string; reason: string }): void => {
      phases.inc({ phase: to, reason });
    },
  };
}
