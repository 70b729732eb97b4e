import { Counter, Gauge, type Registry } from 'prom-client';

/** Metrics of certificates and registration; one set per process. */
export type ApiserviceMetrics = ReturnType<typeof createApiserviceMetrics>;

export function createApiserviceMetrics(registry: Registry) {
  const registers = [registry];
  return {
    expiry: new Gauge({
      name: 'aegis_certificate_expiry_timestamp_seconds',
      help: 'Expiry of the certificate: serving (of this process) or ca (its issuer).',
      labelNames: ['certificate'] as const,
      registers,
    }),
    rotations: new Counter({
      name: 'aegis_certificate_rotations_total',
      help: 'Rotation steps done by this process: create, prepare, promote, replace, prune, issue, load.',
      labelNames: ['step'] as const,
      registers,
    }),
    certificateFailures: new Counter({
      name: 'aegis_certificate_failures_total',
      help: 'Failed checks of the certificates.',
      registers,
    }),
    registrationFailures: new Counter({
      name: 'aegis_registration_failures_total',
      help: 'Failed checks of the APIService and the webhook configuration.',
      registers,
    }),
    registered: new Gauge({
      name: 'aegis_registered',
      help: '1 if the APIService refers to this installation.',
      registers,
    }),
    available: new Gauge({
      name: 'aegis_apiservice_available',
      help: '1 if the condition Available of the APIService is True.',
      registers,
    }),
  };
}
