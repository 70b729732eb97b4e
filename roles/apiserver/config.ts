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
    description: 'watch Nodes, so that an alert with only an address is assigned to its Node',
  }),
  drainDelay: duration().prefault('3s').meta({
    description: 'time from SIGTERM until the port closes, so that Services remove the endpoint first',
  }),
});
export type ApiserverConfig = Readonly<z.infer<typeof ApiserverConfig>>;
