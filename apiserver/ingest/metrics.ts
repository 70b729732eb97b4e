import { Counter, Gauge, Histogram, type Registry } from '../../process/metrics.ts';

/** What the ingest measures. Labels hold sources and fixed words, never names that a sender chooses. */
export type IngestMetrics = ReturnType<typeof createIngestMetrics>;

/** What is read when the metrics are asked for. */
export interface IngestGauges {
  alertsInFlight(): number;
  repeatsPending(): number;
}

export function createIngestMetrics(registry: Registry) {
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Counter<L>({ name: `aegis_ingest_${name}`, help, labelNames, registers });
  return {
    requests: counter('requests_total', 'Requests by their answer', ['source', 'code']),
    alerts: counter('alerts_total', 'Alerts by what became of them', ['source', 'outcome']),
    ignored: counter('ignored_total', 'Alerts that changed nothing, by reason', ['source', 'reason']),
    rejected: counter('rejected_total', 'Requests and alerts that were not taken, by reason', ['source', 'reason']),
    cut: counter('cut_alerts_total', 'Alerts with more details than are kept', ['source']),
    truncated: counter('truncated_alerts_total', 'Alerts that senders left out of their payloads'),
    truncatedReads: counter('remainder_reads_total', 'Readings of alerts that senders left out', ['result']),
    staleConfirmed: counter('silent_confirmed_total', 'Alerts not heard of for long that Alertmanager still lists'),
    deadLetters: counter('dead_letters_total', 'Payloads and alerts kept as dead letters', ['source', 'reason']),
    deadLetterFailures: counter('dead_letter_failures_total', 'Dead letters that could not be kept'),
    coalescedWrites: counter('coalesced_writes_total', 'Writes of counts and changed details of repeats'),
    repeatsDropped: counter('repeats_dropped_total', 'Repeats that are missing in the counts of alerts'),
    duration: new Histogram({
      name: 'aegis_ingest_request_duration_seconds',
      help: 'Time from the end of the headers to the answer',
      labelNames: ['source'] as const,
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    }),
  };
}

/** Adds what is read from the running ingest. */
export function addIngestGauges(registry: Registry, gauges: IngestGauges): void {
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name: `aegis_ingest_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  };
  gauge('in_flight', 'Alerts that have been received and not yet answered', () => gauges.alertsInFlight());
  gauge('repeats_pending', 'Episodes with repeats that are not written yet', () => gauges.repeatsPending());
}
