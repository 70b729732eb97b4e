import { z } from 'zod';
import { ObjectName } from '../../crds/schema.ts';
import { duration, port } from '../../process/settings.ts';
import { inPod } from '../pod.ts';

/**
 * Settings of the aggregated API and the webhooks: where they listen, and how they are registered.
 *
 * An API that is registered but cannot be reached blocks the deletion of every namespace, so that it is switched on by
 * itself only where kube-apiserver can reach it: in a pod.
 */
export const apiSettings = {
  aggregatedApi: z.boolean().default(inPod).meta({
    description: 'serve subresources.aegis.io and register it with the cluster; on by default in a pod only',
  }),
  apiPort: port().default(8443).meta({ description: 'port of the aggregated API' }),
  apiAddress: z.string().optional().meta({ description: 'address of the aggregated API; all when absent' }),
  apiServicePort: port().default(443).meta({ description: 'port of the Service that leads to the aggregated API' }),
  admission: z.boolean().default(true).meta({
    description: 'judge rules, templates and policies when they are applied; with the aggregated API only',
  }),
  webhookPort: port().default(9443).meta({ description: 'port of the admission webhooks' }),
  webhookAddress: z.string().optional().meta({ description: 'address of the admission webhooks; all when absent' }),
  webhookServicePort: port().default(9443).meta({ description: 'port of the Service that leads to the webhooks' }),
  serviceName: ObjectName.default('aegis-apiserver').meta({
    description: 'name of the Service, in the release namespace; serving certificates are made out to it',
  }),
  serviceAccounts: z.array(ObjectName).default(['aegis-apiserver', 'aegis-worker']).meta({
    description:
      "comma list of Aegis's own ServiceAccounts in the release namespace; webhooks are not asked about them",
  }),
  tlsCertFile: z.string().optional().meta({
    description: 'serving certificate, PEM, such as one of cert-manager; without it Aegis makes its own',
  }),
  tlsKeyFile: z.string().optional().meta({ description: 'private key of the serving certificate, PEM' }),
  tlsCaFile: z.string().optional().meta({
    description: 'authority of the serving certificate, PEM, to publish; without it somebody else publishes it',
  }),
  caLifetime: duration().prefault('8760h').meta({ description: 'how long an authority made by Aegis is valid' }),
  certLifetime: duration().prefault('168h').meta({ description: 'how long a certificate made by Aegis is valid' }),
  caOverlap: duration().prefault('10m').meta({
    description: 'how long an authority made by Aegis is published before a certificate of it is served',
  }),
  certCheckInterval: duration().prefault('1m').meta({ description: 'time between two looks at the certificates' }),
  apiMaxRequests: z.int().min(1).default(400).meta({ description: 'requests to the aggregated API under way' }),
  apiMaxRequestsPerUser: z.int().min(1).default(100).meta({ description: 'the same, of one user' }),
};
