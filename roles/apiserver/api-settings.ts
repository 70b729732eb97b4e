import { z } from 'zod';
import { ObjectName } from '../../crds/schema.ts';
import { duration, port } from '../../process/settings.ts';
import { inPod } from '../pod.ts';

/**
 * Settings of the aggregated API and the webhooks: where they listen, and how they are registered.
 *
 * An API that is registered but unreachable blocks the deletion of every namespace, so it is enabled by default only where
 * kube-apiserver can reach it: in a pod.
 */
export const apiSettings = {
  aggregatedApi: z.boolean().default(inPod).meta({
    description: 'serve subresources.aegis.io and register it with the cluster; on by default in a pod only',
  }),
  apiPort: port().default(8443).meta({ description: 'port of the aggregated API' }),
  apiAddress: z.string().optional().meta({ description: 'address of the aggregated API; all when absent' }),
  apiServicePort: port().default(443).meta({ description: 'port of the Service for the aggregated API' }),
  admission: z.boolean().default(true).meta({
    description: 'validate rules, templates and policies by webhooks; requires the aggregated API',
  }),
  webhookPort: port().default(9443).meta({ description: 'port of the admission webhooks' }),
  webhookAddress: z.string().optional().meta({ description: 'address of the admission webhooks; all when absent' }),
  webhookServicePort: port().default(9443).meta({ description: 'port of the Service for the webhooks' }),
  serviceName: ObjectName.default('aegis-apiserver').meta({
    description: 'name of the Service in the release namespace; serving certificates are issued for it',
  }),
  serviceAccounts: z.array(ObjectName).default(['aegis-apiserver', 'aegis-worker']).meta({
    description:
      'comma list of the ServiceAccounts of Aegis in the release namespace, for which webhooks are not called',
  }),
  tlsCertFile: z.string().optional().meta({
    description: 'serving certificate, PEM, such as one of cert-manager; without it Aegis issues its own',
  }),
  tlsKeyFile: z.string().optional().meta({ description: 'private key of the serving certificate, PEM' }),
  tlsCaFile: z.string().optional().meta({
    description:
      'authority of the serving certificate, PEM, to publish; without it another controller must set caBundle',
  }),
  caLifetime: duration().prefault('8760h').meta({ description: 'lifetime of an authority issued by Aegis' }),
  certLifetime: duration().prefault('168h').meta({ description: 'lifetime of a certificate issued by Aegis' }),
  caOverlap: duration().prefault('10m').meta({
    description: 'time for which an authority issued by Aegis is published before its certificates are served',
  }),
  certCheckInterval: duration().prefault('1m').meta({ description: 'time between two checks of the certificates' }),
  apiMaxRequests: z.int().min(1).default(400).meta({ description: 'maximum requests to the aggregated API under way' }),
  apiMaxRequestsPerUser: z
    .int()
    .min(1)
    .default(100)
    .meta({ description: 'maximum requests to the aggregated API under way for one user' }),
};
