import { Counter, Gauge, Histogram, type Registry } from '../../process/metrics.ts';

/** Metrics of the ingest. Labels hold sources and fixed words, never names that a sender chooses. */
export type IngestMetrics = ReturnType<typeof createIngestMetrics>;

/** Values that are read when the metrics are collected. */
export interface IngestGauges {
  alertsInFlight(): number;
  repeatsPending(): number;
}

export function createIngestMetrics(registry: Registry) {
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Counter<L>({ name: `aegis_ingest_${name}`, help, labelNames, registers });
  return {
    requests: counter('requests_total', 'Requests by source and status code of the answer', ['source', 'code']),
    alerts: counter('alerts_total', 'Alerts by source and outcome', ['source', 'outcome']),
    ignored: counter('ignored_total', 'Alerts that changed nothing, by source and reason', ['source', 'reason']),
    rejected: counter('rejected_total', 'Requests and alerts that were rejected, by source and reason', [
      'source',
      'reason',
    ]),
    cut: counter('cut_alerts_total', 'Alerts with more details than are stored', ['source']),
    truncated: counter('truncated_alerts_total', 'Alerts that senders left out of their payloads'),
    truncatedReads: counter('remainder_reads_total', 'Reads of truncated alerts from Alertmanager, by result', [
      'result',
    ]),
    staleConfirmed: counter('silent_confirmed_total', 'Alerts without a recent update that Alertmanager still lists'),
    deadLetters: counter('dead_letters_total', 'Payloads and alerts stored as dead letters', ['source', 'reason']),
    deadLetterFailures: counter('dead_letter_failures_total', 'Dead letters that could not be stored'),
    coalescedWrites: counter('coalesced_writes_total', 'Writes of repeat counts and changed details'),
    repeatsDropped: counter('repeats_dropped_total', 'Repeats that are missing from the counts of alerts'),
    duration: new Histogram({
      name: 'aegis_ingest_request_duration_seconds',
      help: 'Time from the end of the request headers to the answer',
      labelNames: ['source'] as const,
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    }),
  };
}

/** Adds gauges that read from the running ingest. */
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
  gauge('in_flight', 'Alerts that are received and not yet answered', () => gauges.alertsInFlight());
  gauge('repeats_pending', 'Episodes with repeats that are not written yet', () => gauges.repeatsPending());
}
