import { z } from 'zod';
import { ingestSettings } from '../../apiserver/ingest/settings.ts';
import { duration, processSettings } from '../../process/settings.ts';
import { releaseSettings } from '../release.ts';
import { apiSettings } from './api-settings.ts';

/** Flags and environment of the apiserver role. */
export const ApiserverConfig = z.object({
  ...processSettings,
  ...releaseSettings,
  ...apiSettings,
  ...ingestSettings,
  nodeLookup: z.boolean().default(true).meta({
    description: 'watch Nodes, so that an alert that knows only an address finds its Node',
  }),
  drainDelay: duration().prefault('3s').meta({
    description: 'time from SIGTERM until the port closes, for Services to take notice',
  }),
});
export type ApiserverConfig = Readonly<z.infer<typeof ApiserverConfig>>;
