import { Counter, Histogram, type Registry } from '../../process/metrics.ts';

/** Result of a review: `failed`: refused because the object could not be validated; `unreadable`: no valid review. */
export type ReviewResult = 'allowed' | 'refused' | 'failed' | 'unreadable';

/** Metrics of admission; labels hold fixed words only. */
export type AdmissionMetrics = ReturnType<typeof createAdmissionMetrics>;

export function createAdmissionMetrics(registry: Registry) {
  const registers = [registry];
  const reviews = new Counter({
    name: 'aegis_admission_reviews_total',
    help: 'Admission reviews by result: allowed, refused, failed, unreadable.',
    labelNames: ['resource', 'operation', 'result'] as const,
    registers,
  });
  const duration = new Histogram({
    name: 'aegis_admission_duration_seconds',
    help: 'Time from the end of the request headers to the answer.',
    labelNames: ['resource'] as const,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  });
  return {
    observe: (labels: { resource: string; operation: string; result: ReviewResult }, seconds: number): void => {
      reviews.inc(labels);
      duration.observe({ resource: labels.resource }, seconds);
    },
  };
}
