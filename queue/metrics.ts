import { Counter, Gauge, Histogram, type Registry } from '../process/metrics.ts';

/** The metrics of the queue, one set per process. */
export type QueueMetrics = ReturnType<typeof createQueueMetrics>;

/** Seconds. A run takes milliseconds with a fast API server, and seconds when requests are throttled. */
const durationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Creates the metrics of the queue in the registry. */
export function createQueueMetrics(registry: Registry) {
  const registers = [registry];
  return {
    reconciles: new Counter({
      name: 'aegis_reconcile_total',
      help: 'Number of runs by controller and result: success, requeue_after, error.',
      labelNames: ['controller', 'result'] as const,
      registers,
    }),
    errors: new Counter({
      name: 'aegis_reconcile_errors_total',
      help: 'Number of failed runs by controller and kind: retryable, conflict, terminal, deadline, cancelled, unknown.',
      labelNames: ['controller', 'kind'] as const,
      registers,
    }),
    duration: new Histogram({
      name: 'aegis_reconcile_duration_seconds',
      help: 'Duration of runs in seconds.',
      labelNames: ['controller'] as const,
      buckets: durationBuckets,
      registers,
    }),
    active: new Gauge({
      name: 'aegis_reconcile_active',
      help: 'Number of runs in progress in this process.',
      labelNames: ['controller'] as const,
      registers,
    }),
    waited: new Histogram({
      name: 'aegis_queue_wait_seconds',
      help: 'Seconds that a key waited in the queue before its first run.',
      labelNames: ['queue'] as const,
      buckets: durationBuckets,
      registers,
    }),
    enqueued: new Counter({
      name: 'aegis_enqueue_total',
      help: 'Number of keys enqueued by reason, including those that were already waiting.',
      labelNames: ['queue', 'reason'] as const,
      registers,
    }),
    enqueueFailures: new Counter({
      name: 'aegis_enqueue_failures_total',
      help: 'Number of failures to enqueue keys; each causes a full resync.',
      registers,
    }),
    retries: new Counter({
      name: 'aegis_job_retries_total',
      help: 'Number of failed runs that are retried.',
      labelNames: ['queue'] as const,
      registers,
    }),
    stalled: new Counter({
      name: 'aegis_job_stalled_total',
      help: 'Number of stalled jobs taken over from a worker that is gone.',
      labelNames: ['queue'] as const,
      registers,
    }),
    depth: new Gauge({
      name: 'aegis_queue_depth',
      help: 'Number of jobs in Redis by state: waiting, active, delayed.',
      labelNames: ['queue', 'state'] as const,
      registers,
    }),
    deadLetters: new Gauge({
      name: 'aegis_queue_dead_letters',
      help: 'Number of dead keys: keys whose last job was given up.',
      labelNames: ['queue'] as const,
      registers,
    }),
    redisUp: new Gauge({
      name: 'aegis_redis_up',
      help: '1 if Redis answers this process, else 0.',
      registers,
    }),
    resyncs: new Counter({
      name: 'aegis_resync_total',
      help: 'Number of completed resyncs by scope: unsettled, full.',
      labelNames: ['scope'] as const,
      registers,
    }),
    lastResync: new Gauge({
      name: 'aegis_resync_last_timestamp_seconds',
      help: 'Unix time of the end of the last completed resync; 0 before the first.',
      labelNames: ['scope'] as const,
      registers,
    }),
  };
}
