import { Counter, Gauge, Histogram, type Registry } from '../process/metrics.ts';

/** Metrics of the queue; one set per process. */
export type QueueMetrics = ReturnType<typeof createQueueMetrics>;

/** Seconds; a run lasts milliseconds when the API server is near, and seconds when it is throttled. */
const durationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

export function createQueueMetrics(registry: Registry) {
  const registers = [registry];
  return {
    reconciles: new Counter({
      name: 'aegis_reconcile_total',
      help: 'Reconcile runs by result: success, requeue_after, error.',
      labelNames: ['controller', 'result'] as const,
      registers,
    }),
    errors: new Counter({
      name: 'aegis_reconcile_errors_total',
      help: 'Failed reconcile runs by kind: retryable, conflict, terminal, deadline, cancelled, unknown.',
      labelNames: ['controller', 'kind'] as const,
      registers,
    }),
    duration: new Histogram({
      name: 'aegis_reconcile_duration_seconds',
      help: 'Duration of a reconcile run.',
      labelNames: ['controller'] as const,
      buckets: durationBuckets,
      registers,
    }),
    active: new Gauge({
      name: 'aegis_reconcile_active',
      help: 'Reconcile runs in progress in this process.',
      labelNames: ['controller'] as const,
      registers,
    }),
    waited: new Histogram({
      name: 'aegis_queue_wait_seconds',
      help: 'Time between adding a key to the queue and its first run.',
      labelNames: ['queue'] as const,
      buckets: durationBuckets,
      registers,
    }),
    enqueued: new Counter({
      name: 'aegis_enqueue_total',
      help: 'Keys added to the queue by reason; most are merged with keys that are already waiting.',
      labelNames: ['queue', 'reason'] as const,
      registers,
    }),
    enqueueFailures: new Counter({
      name: 'aegis_enqueue_failures_total',
      help: 'Keys that could not be added to the queue; a resync follows.',
      registers,
    }),
    retries: new Counter({
      name: 'aegis_job_retries_total',
      help: 'Failed runs that are retried.',
      labelNames: ['queue'] as const,
      registers,
    }),
    stalled: new Counter({
      name: 'aegis_job_stalled_total',
      help: 'Jobs taken over from a worker that disappeared.',
      labelNames: ['queue'] as const,
      registers,
    }),
    depth: new Gauge({
      name: 'aegis_queue_depth',
      help: 'Jobs in Redis by state: waiting, active, delayed.',
      labelNames: ['queue', 'state'] as const,
      registers,
    }),
    deadLetters: new Gauge({
      name: 'aegis_queue_dead_letters',
      help: 'Keys whose last job was abandoned.',
      labelNames: ['queue'] as const,
      registers,
    }),
    redisUp: new Gauge({
      name: 'aegis_redis_up',
      help: '1 if Redis responds to this process.',
      registers,
    }),
    resyncs: new Counter({
      name: 'aegis_resync_total',
      help: 'Resyncs by scope: unsettled, full.',
      labelNames: ['scope'] as const,
      registers,
    }),
    lastResync: new Gauge({
      name: 'aegis_resync_last_timestamp_seconds',
      help: 'End of the last complete resync, by the wall clock; 0 before the first.',
      labelNames: ['scope'] as const,
      registers,
    }),
  };
}
