import { Counter, Gauge, type Registry } from 'prom-client';

/** What this room measures; one set per process. */
export type ApiserviceMetrics = ReturnType<typeof createApiserviceMetrics>;

export function createApiserviceMetrics(registry: Registry) {
  const registers = [registry];
  return {
    expiry: new Gauge({
      name: 'aegis_certificate_expiry_timestamp_seconds',
      help: 'When the certificate expires: serving (of this process) or ca (that signs it).',
      labelNames: ['certificate'] as const,
      registers,
    }),
    rotations: new Counter({
      name: 'aegis_certificate_rotations_total',
      help: 'Steps of rotations that this process has taken: create, prepare, promote, replace, prune, issue, load.',
      labelNames: ['step'] as const,
      registers,
    }),
    certificateFailures: new Counter({
      name: 'aegis_certificate_failures_total',
      help: 'Looks at the certificates that failed.',
      registers,
    }),
    registrationFailures: new Counter({
      name: 'aegis_registration_failures_total',
      help: 'Looks at the APIService and the webhook configuration that failed.',
      registers,
    }),
    registered: new Gauge({
      name: 'aegis_registered',
      help: 'Whether the APIService leads to this installation.',
      registers,
    }),
    available: new Gauge({
      name: 'aegis_apiservice_available',
      help: 'Condition Available of the APIService, as kube-apiserver judges it.',
      registers,
    }),
  };
}
