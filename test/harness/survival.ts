import { apiServices } from '../../apiservice/registered.ts';
import { NAMESPACE } from '../../devcluster/start/aegis.ts';
import { createInformer } from '../../kube/informer.ts';
import { resources } from '../../kube/resources.ts';
import type { RestClient } from '../../kube/rest.ts';
import { createLogger } from '../../process/logger.ts';
import { startTraffic, type Traffic } from './traffic.ts';

const group = '/apis/subresources.aegis.io/v1alpha1';
const rules = `/apis/aegis.io/v1alpha1/namespaces/${NAMESPACE}/aegisalertopsrules`;

/** Asks about this alert, for discovery and for the judgement of a webhook, without a pause and without making anything. */
export function startApiTraffic(rest: RestClient, alert: string): Traffic {
  const path = `${group}/namespaces/${NAMESPACE}/aegisalerts/${alert}`;
  const query = { dryRun: 'All' };
  return startTraffic(
    { rest },
    {
      inspect: () => ({ method: 'GET', path: `${path}/inspect` }),
      trigger: (count) => {
        const body = { reason: 'traffic', requestID: `r-${count}` };
        return { method: 'POST', path: `${path}/trigger`, query, body };
      },
      discovery: () => ({ method: 'GET', path: group }),
      admission: (count) => ({ method: 'POST', path: rules, query, body: rule(`traffic-${count}`) }),
    },
  );
}

function rule(name: string): object {
  return {
    apiVersion: 'aegis.io/v1alpha1',
    kind: 'AegisAlertOpsRule',
    metadata: { name, namespace: NAMESPACE },
    spec: {
      alertConditions: [{ type: 'Traffic.*', status: 'Firing' }],
      opsTemplate: { kind: 'AegisOpsTemplate', apiVersion: 'aegis.io/v1alpha1', name: 'nodehasemergencyevent' },
    },
  };
}

/** Tells of every moment in which our APIService is not available, or not there, until the signal. */
export async function watchAvailability(
  rest: RestClient,
  signal: AbortSignal,
  onUnavailable: (conditions: string) => void,
): Promise<void> {
  const informer = createInformer(resources(rest, apiServices), { logger: createLogger('silent') });
  informer.onChange(({ type, object: { metadata, status } }) => {
    if (metadata.name !== 'v1alpha1.subresources.aegis.io') return;
    const available = status?.conditions?.find((condition) => condition.type === 'Available')?.status === 'True';
    if (type === 'deleted' || !available) onUnavailable(JSON.stringify(status?.conditions));
  });
  void informer.start(signal);
  await informer.synced;
}
