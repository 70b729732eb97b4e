import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aegisAlerts } from '../../crds/alert.ts';
import { workflows } from '../../crds/workflow.ts';
import { installArgo } from '../../devcluster/argo.ts';
import { ensureArgoManifests } from '../../devcluster/binaries/ensure.ts';
import type { Cluster } from '../../devcluster/cluster.ts';
import { silent } from '../../devcluster/log.ts';
import { exampleAlert } from '../../devcluster/start/example.ts';
import { connect, type KubeConnection } from '../../kube/client/connection.ts';
import { resources } from '../../kube/client/resources.ts';
import { createRestClient, type RestClient } from '../../kube/client/rest.ts';
import { examples } from '../harness/aegis.ts';
import { borrowCluster } from '../harness/cluster.ts';
import { eventually } from '../harness/eventually.ts';
import { post } from '../harness/senders.ts';
import { canBeFirst, startAll, type AegisAll } from './aegis-all.ts';

const install = join(import.meta.dirname, '../../manifests/install');

let cluster: Cluster;
let connection: KubeConnection;
let rest: RestClient;
let aegis: AegisAll;

/** The commands of the README's "On your own cluster", as its administrator. */
beforeAll(async () => {
  cluster = await borrowCluster({ contents: 'bare', redis: true });
  await installArgo(cluster.kubectl, await ensureArgoManifests(process.env, silent));
  connection = connect({ kubeconfig: cluster.kubeconfigPath });
  rest = createRestClient(connection);
  await cluster.kubectl(['create', 'namespace', 'monitoring']);
  await cluster.kubectl(['apply', '-f', install]);
  aegis = await startAll(flags());
}, 180_000);

afterAll(async () => {
  await aegis.stop('SIGKILL');
  await connection.close();
  await cluster.stop();
}, 60_000);

function flags(): string[] {
  return [
    `--kubeconfig=${cluster.kubeconfigPath}`,
    `--redis-url=${cluster.redisUrl ?? ''}`,
    '--namespace=monitoring',
    '--drain-delay=0s',
  ];
}

async function read(path: string): Promise<{ status: number; text: string }> {
  const answer = await fetch(aegis.probes + path);
  return { status: answer.status, text: await answer.text() };
}

describe('both roles in one process', () => {
  it('aegis all is ready when both roles are', async () => {
    await eventually('readiness', async () => (await read('/readyz')).status === 200);
    const { text } = await read('/readyz?verbose');
    for (const check of ['apiserver-informers-synced', 'worker-informers-synced', 'worker-redis']) {
      expect(text).toContain(`[+]${check} ok`);
    }
    expect((await read('/livez')).status).toBe(200);
  });

  it('aegis all makes one Workflow of the alert of the guide', async () => {
    await cluster.kubectl(['apply', '-n', 'monitoring', '-f', join(examples, 'nodehasemergencyevent.yaml')]);
    const { status, text } = await post(`${aegis.ingest}/default/alert`, JSON.parse(exampleAlert()));
    expect({ status, text }).toMatchObject({ status: 200, text: expect.stringContaining('"created":1') });
    const runs = resources(rest, workflows);
    await eventually('the Workflow', async () => (await runs.list({ namespace: 'monitoring' })).items.length > 0);
    await eventually('the status of the alert', async () => {
      const [alert] = (await resources(rest, aegisAlerts).list({ namespace: 'monitoring' })).items;
      return alert?.status?.opsStatus?.triggerStatus === 'Triggered';
    });
    expect((await runs.list()).items).toHaveLength(1);
  });

  it('aegis all declares each metric once, and counts the objects of a kind once', async () => {
    const { text } = await read('/metrics');
    const declared = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
    expect(declared.filter((name, index) => declared.indexOf(name) !== index)).toEqual([]);
    for (const name of ['aegis_ingest_alerts_total', 'aegis_reconcile_total', 'aegis_kube_requests_total']) {
      expect(declared).toContain(name);
    }
    for (const resource of ['aegisalerts', 'aegisalertopsrules', 'aegisremediations', 'workflows']) {
      expect(text).toContain(`\naegis_cache_objects{resource="${resource}"} 1\n`);
    }
    expect(text).toContain('\naegis_redis_up 1\n');
  });

  it('aegis all exits with 0 on SIGTERM, and has logged no error', async () => {
    await endsInOrder(aegis);
  });

  it('aegis all uses the context of the flag', async () => {
    const other = await startAll([`--kubeconfig=${cluster.kubeconfigPath}`, '--context=nowhere']);
    expect(await other.exit).toBe(1);
    expect(other.printed()).toContain('no usable context nowhere');
  });
});

/** A container's command is process 1 of it, for which a signal does nothing unless it is handled. */
describe(`as process 1${canBeFirst ? '' : ' (skipped: no PID namespace can be made here)'}`, () => {
  (canBeFirst ? it : it.skip)(
    'aegis all as process 1 exits with 0 on SIGTERM',
    async () => {
      const first = await startAll(flags(), { first: true });
      try {
        await eventually('readiness', async () => (await fetch(`${first.probes}/readyz`)).status === 200, {
          withinMs: 60_000,
        });
        expect(first.printed()).toContain('"pid":1,');
        await endsInOrder(first);
      } finally {
        first.kill();
      }
    },
    90_000,
  );
});

async function endsInOrder(running: AegisAll): Promise<void> {
  expect(await running.stop('SIGTERM')).toBe(0);
  const lines = running.printed().trimEnd().split('\n');
  const logged = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(logged.filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([]);
  expect(logged.at(-1)).toMatchObject({ msg: 'Stopped', clean: true });
}
