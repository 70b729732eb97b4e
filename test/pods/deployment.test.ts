import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aegisAlerts } from '../../crds/alert.ts';
import { installArgo } from '../../devcluster/argo.ts';
import { ensureArgoManifests } from '../../devcluster/binaries/ensure.ts';
import { startCluster, type Cluster } from '../../devcluster/cluster.ts';
import { aegisImage } from '../../build/aegis.ts';
import { silent } from '../../devcluster/log.ts';
import { forwardPort, type PortForward } from '../../devcluster/node/port-forward.ts';
import { canRunRealNode } from '../../devcluster/node/index.ts';
import { MANIFESTS, NAMESPACE } from '../../devcluster/start/aegis.ts';
import { connect, type KubeConnection } from '../../kube/client/connection.ts';
import { resources } from '../../kube/client/resources.ts';
import { createRestClient, type RestClient } from '../../kube/client/rest.ts';
import { crowdAlert } from '../bench/crowd.ts';
import { examples } from '../harness/aegis.ts';
import { eventually } from '../harness/eventually.ts';
import { apiAvailable, watchAvailability } from '../harness/extension.ts';
import { nodeAlert, post } from '../harness/senders.ts';
import { startApiTraffic } from '../harness/traffic.ts';

const deploy = join(import.meta.dirname, '../../manifests/deploy');
const path = `/apis/subresources.aegis.io/v1alpha1/namespaces/${NAMESPACE}/aegisalerts/${crowdAlert(1).metadata.name}`;
const selector = 'app.kubernetes.io/component=apiserver';

const verdict = canRunRealNode();
const suite = verdict.ok ? describe : describe.skip;

suite(`Aegis as it is deployed${verdict.ok ? '' : ` (skipped: ${verdict.reason})`}`, () => {
  let cluster: Cluster;
  let connection: KubeConnection;
  let rest: RestClient;
  let redis: PortForward;
  const watching = new AbortController();

  beforeAll(async () => {
    cluster = await startCluster({
      nodes: 'real',
      argo: false,
      redis: true,
      manifests: MANIFESTS,
      defaultNamespace: NAMESPACE,
      unsafeNoFsync: true,
      extensionsInPods: true,
      images: async (dir, run) => [await aegisImage(dir, run)],
    });
    await installArgo(cluster.kubectl, await ensureArgoManifests(process.env, silent));
    redis = await forwardPort(cluster.node?.hostAddress ?? '', Number(new URL(cluster.redisUrl ?? '').port));
    const url = `redis://${cluster.node?.hostAddress}:${redis.port}`;
    await cluster.kubectl(['create', 'secret', 'generic', 'aegis-redis', `--from-literal=url=${url}`]);
    await cluster.kubectl(['apply', '-f', deploy]);
    connection = connect({ kubeconfig: cluster.kubeconfigPath });
    rest = createRestClient(connection);
  }, 300_000);

  afterAll(async () => {
    watching.abort();
    await connection.close();
    await redis.close();
    await cluster.stop();
  }, 60_000);

  const rolledOut = (role: string): Promise<string> =>
    cluster.kubectl(['rollout', 'status', `deployment/aegis-${role}`, '--timeout=150s']);

  it('the deployed Aegis becomes ready, and serves the API and the webhooks from its pods', async () => {
    await rolledOut('apiserver');
    await apiAvailable(cluster);
    await resources(rest, aegisAlerts).create(crowdAlert(1));
    await eventually('the alert to be seen', () => rest.request({ method: 'GET', path: `${path}/inspect` }));
    await cluster.kubectl(['apply', '-f', join(examples, 'nodehasemergencyevent.yaml')]);
    const bad = JSON.stringify({
      apiVersion: 'aegis.io/v1alpha1',
      kind: 'AegisOpsTemplate',
      metadata: { name: 'bad' },
      spec: { manifest: 'kind: Pod' },
    });
    await expect(cluster.kubectl(['apply', '-f', '-'], bad)).rejects.toThrow(/needs entrypoint/);
  }, 180_000);

  it('the deployed Aegis stores an alert and makes its Workflow', async () => {
    await rolledOut('worker');
    const address = await cluster.kubectl(['get', 'pods', '-l', selector, '-o', 'jsonpath={.items[0].status.podIP}']);
    expect((await post(`http://${address}:8080/default/alert`, nodeAlert('pods-1'))).status).toBe(200);
    await eventually(
      'the Workflow',
      async () => (await cluster.kubectl(['get', 'workflows', '-o', 'name'])).includes('workflow'),
      { withinMs: 60_000, everyMs: 500 },
    );
  }, 240_000);

  it('the deployed Aegis fails no request while a rollout replaces its pods', async () => {
    const unavailable: string[] = [];
    await watchAvailability(rest, watching.signal, (conditions) => unavailable.push(conditions));
    const before = await podNames();
    const traffic = startApiTraffic(rest, crowdAlert(1).metadata.name);
    await cluster.kubectl(['rollout', 'restart', 'deployment/aegis-apiserver']);
    await rolledOut('apiserver');
    await eventually(
      'the old pods to be gone',
      async () => (await podNames()).every((name) => !before.includes(name)),
      { withinMs: 90_000, everyMs: 1_000 },
    );
    expect(await traffic.stop()).toEqual([]);
    expect(traffic.answered()).toBeGreaterThan(100);
    expect(unavailable).toEqual([]);
  }, 300_000);

  it('the deployed Aegis loses one replica at a time when its nodes are drained', async () => {
    const evict = (name: string): Promise<string> => {
      const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: NAMESPACE } };
      const target = `/api/v1/namespaces/${NAMESPACE}/pods/${name}/eviction`;
      return cluster.kubectl(['create', '--raw', target, '-f', '-'], JSON.stringify(eviction));
    };
    const [first = '', second = ''] = await podNames();
    await evict(first);
    await expect(evict(second)).rejects.toThrow(/disruption budget/);
  }, 120_000);

  async function podNames(): Promise<string[]> {
    const names = await cluster.kubectl(['get', 'pods', '-l', selector, '-o', 'jsonpath={.items[*].metadata.name}']);
    return names.split(' ').filter(Boolean);
  }
});
