import { Counter, type Registry } from '../process/metrics.ts';

/** What became of alerts and attempts; one set per process. */
export type DomainMetrics = ReturnType<typeof createDomainMetrics>;

export function createDomainMetrics(registry: Registry) {
  const registers = [registry];
  const triggers = new Counter({
    name: 'aegis_alert_trigger_total',
    help: 'Alerts by what came of matching them with the rules; counted when that changes.',
    labelNames: ['status'] as const,
    registers,
  });
  const phases = new Counter({
    name: 'aegis_remediation_phase_total',
    help: 'Changes of the phase of remediations, and why; Succeeded and Failed are the outcomes of Workflows.',
    labelNames: ['phase', 'reason'] as const,
    registers,
  });
  return {
    observeTrigger: (status: string): void => {
      triggers.inc({ status });
    },
    observePhase: ({ to, reason }: { to: string; reason: string }): void => {
      phases.inc({ phase: to, reason });
    },
  };
}
