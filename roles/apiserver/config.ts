import { z } from 'zod';
import { ingestSettings } from '../../apiserver/ingest/settings.ts';
import { duration, processSettings } from '../../process/settings.ts';
import { releaseSettings } from '../release.ts';
import { apiSettings } from './api-settings.ts';

/** Settings of the apiserver role. */
export const ApiserverConfig = z.object({
  ...processSettings,
  ...releaseSettings,
  ...apiSettings,
  ...ingestSettings,
  nodeLookup: z.boolean().default(true).meta({
    description: 'watch Nodes to find the Node of an alert that has only an address',
  }),
  drainDelay: duration().prefault('3s').meta({
    description: 'time from SIGTERM until the ports close, in which Services stop routing to the pod',
  }),
});
export type ApiserverConfig = Readonly<z.infer<typeof ApiserverConfig>>;
