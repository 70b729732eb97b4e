import { z } from 'zod';
import { ObjectName } from '../../crds/schema.ts';
import { duration, port } from '../../process/settings.ts';
import { inPod } from '../pod.ts';

/**
 * Settings of the aggregated API and the webhooks: their addresses, and their registration.
 *
 * A registered API that cannot be reached blocks the deletion of every namespace, so that it is enabled by default only
 * where kube-apiserver can reach it: in a pod.
 */
export const apiSettings = {
  aggregatedApi: z.boolean().default(inPod).meta({
    description: 'serve subresources.aegis.io and register it with the cluster; enabled by default only in a pod',
  }),
  apiPort: port().default(8443).meta({ description: 'port of the aggregated API' }),
  apiAddress: z.string().optional().meta({ description: 'address of the aggregated API; default: all addresses' }),
  apiServicePort: port().default(443).meta({ description: 'port of the Service of the aggregated API' }),
  admission: z.boolean().default(true).meta({
    description: 'validate rules, templates and policies on admission; only with the aggregated API',
  }),
  webhookPort: port().default(9443).meta({ description: 'port of the admission webhooks' }),
  webhookAddress: z
    .string()
    .optional()
    .meta({ description: 'address of the admission webhooks; default: all addresses' }),
  webhookServicePort: port().default(9443).meta({ description: 'port of the Service of the webhooks' }),
  serviceName: ObjectName.default('aegis-apiserver').meta({
    description: 'name of the Service, in the release namespace; serving certificates are issued for it',
  }),
  serviceAccounts: z.array(ObjectName).default(['aegis-apiserver', 'aegis-worker']).meta({
    description:
      'comma-separated ServiceAccounts of Aegis in the release namespace, which are exempt from the webhooks',
  }),
  tlsCertFile: z.string().optional().meta({
    description: 'PEM file of the serving certificate, such as one of cert-manager; default: Aegis issues its own',
  }),
  tlsKeyFile: z.string().optional().meta({ description: 'PEM file of the private key of the serving certificate' }),
  tlsCaFile: z.string().optional().meta({
    description: 'PEM file of the CA of the serving certificate, to publish; default: it is published by other means',
  }),
  caLifetime: duration().prefault('8760h').meta({ description: 'validity of a CA that Aegis creates' }),
  certLifetime: duration().prefault('168h').meta({ description: 'validity of a certificate that Aegis issues' }),
  caOverlap: duration().prefault('10m').meta({
    description: 'time for which a CA that Aegis creates is published before a certificate of it is served',
  }),
  certCheckInterval: duration().prefault('1m').meta({ description: 'time between two checks of the certificates' }),
  apiMaxRequests: z
    .int()
    .min(1)
    .default(400)
    .meta({ description: 'maximum number of requests to the aggregated API in progress' }),
  apiMaxRequestsPerUser: z
    .int()
    .min(1)
    .default(100)
    .meta({ description: 'maximum number of requests of one user to the aggregated API in progress' }),
};
