import { Counter, Gauge, Histogram, type Registry } from '../../process/metrics.ts';

/** Metrics of the aggregated API. Labels hold names of the table of resources, never names that a client sends. */
export type ApiMetrics = ReturnType<typeof createApiMetrics>;

/** Values that are read when the metrics are collected. */
export interface ApiGauges {
  inFlight(): number;
  frontProxyKnown(): boolean;
  frontProxyAgeSeconds(): number;
}

const labelNames = ['verb', 'resource', 'subresource', 'code'] as const;

export function createApiMetrics(registry: Registry) {
  const registers = [registry];
  return {
    requests: new Counter({
      name: 'aegis_api_requests_total',
      help: 'Requests to the aggregated API by verb, resource, subresource and status code.',
      labelNames,
      registers,
    }),
    duration: new Histogram({
      name: 'aegis_api_request_duration_seconds',
      help: 'Duration of requests to the aggregated API until the answer is written.',
      labelNames: ['verb', 'resource', 'subresource'] as const,
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60],
      registers,
    }),
    accessReviews: new Counter({
      name: 'aegis_api_access_reviews_total',
      help: 'Access reviews by result (allowed, denied, error) and by whether the result was cached.',
      labelNames: ['result', 'cached'] as const,
      registers,
    }),
    authenticationFailures: new Counter({
      name: 'aegis_api_authentication_failures_total',
      help: 'Connections and requests that could not be authenticated, by reason.',
      labelNames: ['reason'] as const,
      registers,
    }),
    frontProxyExpiry: new Gauge({
      name: 'aegis_api_front_proxy_certificate_expiry_timestamp_seconds',
      help: 'Expiry of the newest front-proxy client certificate seen, or of its authority if that is sooner.',
      registers,
    }),
    rejected: new Counter({
      name: 'aegis_api_rejected_requests_total',
      help: 'Requests that were rejected because too many were under way, by limit (all, user), or during shutdown (drain).',
      labelNames: ['reason'] as const,
      registers,
    }),
  };
}

/** Adds gauges that read from the running server. */
export function addApiGauges(registry: Registry, gauges: ApiGauges): void {
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name: `aegis_api_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  };
  gauge('in_flight', 'Requests under way.', () => gauges.inFlight());
  gauge('front_proxy_known', '1 if the front-proxy CA and header configuration is loaded.', () =>
    Number(gauges.frontProxyKnown()),
  );
  gauge('front_proxy_config_age_seconds', 'Time since the front-proxy configuration changed.', () =>
    gauges.frontProxyAgeSeconds(),
  );
}
