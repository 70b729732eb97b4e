import { NAMESPACE } from '../../devcluster/start/aegis.ts';
import type { Harness } from '../harness/aegis.ts';
import { configMaps } from '../../kube/kinds/config-map.ts';
import { inParallel, round } from './statistics.ts';

const creates = 1_500;
const concurrency = 10;

/** How many small objects a second the API server stores at the concurrency of the burst, with nothing else to do. */
export async function measureRawCreates(harness: Harness): Promise<number> {
  const client = harness.client(configMaps);
  const objects = Array.from({ length: creates }, (_, index) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `raw-${index}`, namespace: NAMESPACE },
    data: { text: 'x'.repeat(200) },
  }));
  const started = performance.now();
  await inParallel(objects, concurrency, async (object) => {
    await client.create(object);
  });
  return round((creates * 1_000) / (performance.now() - started));
}
