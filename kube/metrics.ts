import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

import type { RequestObservation } from './client/rest.ts';

/** Metrics of the Kubernetes client; one set per process. */
export type KubeMetrics = ReturnType<typeof createKubeMetrics>;

/** Seconds; a GET takes 2 ms when the API server is near, the deadline is at 10 s. */
const durationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export function createKubeMetrics(registry: Registry) {
  const registers = [registry];
  const requests = new Counter({
    name: 'aegis_kube_requests_total',
    help: 'Requests to the API server by HTTP status; code 0 means no response.',
    labelNames: ['verb', 'resource', 'code'] as const,
    registers,
  });
  const requestDuration = new Histogram({
    name: 'aegis_kube_request_duration_seconds',
    help: 'Duration of requests to the API server; for watches, the time until the response headers.',
    labelNames: ['verb', 'resource'] as const,
    buckets: durationBuckets,
    registers,
  });
  return {
    /** Callback for `onRequest` of the REST client. */
    observeRequest: ({ verb, resource, status, seconds }: RequestObservation): void => {
      requests.inc({ verb, resource, code: String(status) });
      requestDuration.observe({ verb, resource }, seconds);
    },
    watchRestarts: new Counter({
      name: 'aegis_watch_restarts_total',
      help: 'Ended watches by reason: end, expired, idle, error.',
      labelNames: ['resource', 'reason'] as const,
      registers,
    }),
    relists: new Counter({
      name: 'aegis_watch_relists_total',
      help: 'Lists of a cache after its first one.',
      labelNames: ['resource'] as const,
      registers,
    }),
    cacheObjects: new Gauge({
      name: 'aegis_cache_objects',
      help: 'Objects in a cache.',
      labelNames: ['resource'] as const,
      registers,
    }),
    cacheLastEvent: new Gauge({
      name: 'aegis_cache_last_event_timestamp_seconds',
      help: 'Time of the last event or bookmark that the cache received, by the wall clock.',
      labelNames: ['resource'] as const,
      registers,
    }),
    handlerErrors: new Counter({
      name: 'aegis_cache_handler_errors_total',
      help: 'Changes for which a handler failed.',
      labelNames: ['resource'] as const,
      registers,
    }),
    leader: new Gauge({
      name: 'aegis_leader',
      help: '1 if this process holds the lease.',
      labelNames: ['name'] as const,
      registers,
    }),
    events: new Counter({
      name: 'aegis_events_total',
      help: 'Kubernetes events by result: created, counted, dropped_queue, dropped_rate, dropped_error.',
      labelNames: ['result'] as const,
      registers,
    }),
  };
}
