import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { apiServices } from '../../apiservice/registration/registered.ts';
import { NAMESPACE } from '../../devcluster/start/aegis.ts';
import { distinct, nameOf, send } from '../bench/alerts.ts';
import { examples, startHarness, type Harness } from '../harness/aegis.ts';
import { balance } from '../harness/bookkeeping.ts';
import { eventually } from '../harness/eventually.ts';
import { isStale } from './support/discovery.ts';
import { runKubectl, type Transcript } from './support/kubectl.ts';
import { throughKubeApiserver, type Answered, type Through } from './support/through.ts';

const service = 'v1alpha1.subresources.aegis.io';
const base = `/apis/subresources.aegis.io/v1alpha1/namespaces/${NAMESPACE}/aegisalerts`;
const replicas = ['apiserver-0', 'apiserver-1'] as const;

let harness: Harness;
let through: Through;

beforeAll(async () => {
  const apiserverArgs = ['--api-max-requests-per-user=1', '--drain-delay=0s'];
  harness = await startHarness({ apiservers: 2, extension: true, apiserverArgs });
  through = await throughKubeApiserver(harness.cluster, 200);
  await eventually('the API to be available', () => isAvailable());
  await harness.cluster.kubectl(['apply', '-f', join(examples, 'nodehasemergencyevent.yaml')]);
  const everybody = ['flo', 'quinn', 'rita'].map((user) => `--user=${user}`);
  await harness.cluster.kubectl(['create', 'clusterrolebinding', 'test', '--clusterrole=cluster-admin', ...everybody]);
}, 180_000);

afterAll(async () => {
  through.close();
  await harness.stop();
}, 60_000);

async function isAvailable(): Promise<boolean> {
  const found = await harness.client(apiServices).find({ name: service });
  return found?.status?.conditions?.find(({ type }) => type === 'Available')?.status === 'True';
}

function kubectl(args: readonly string[], input?: object): Promise<Transcript> {
  return runKubectl(harness.cluster, args, input);
}

/** kube-apiserver looks at an API by itself every half a minute, and at once when its registration is changed. */
async function becomesAvailable(expected: boolean): Promise<void> {
  await eventually(
    `the API to be ${expected ? 'available' : 'unavailable'}`,
    async () => {
      await harness.cluster.kubectl(['annotate', 'apiservice', service, `test=${Date.now()}`, '--overwrite']);
      return (await isAvailable()) === expected && (await isStale(harness)) !== expected;
    },
    { withinMs: 60_000, everyMs: 1_000 },
  );
}

/** How many requests for subresources a replica has answered. */
async function answeredBy(replica: string): Promise<number> {
  const text = await (await fetch(`${harness.probes[replica]}/metrics`)).text();
  return text
    .split('\n')
    .filter((line) => /^aegis_api_requests_total\{.*subresource="trigger"/.test(line))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

describe('two replicas', () => {
  it("both replicas answer, and one user's flood leaves room for other users", async () => {
    const [alert] = distinct('flood', 1, { type: 'NoRuleForIt' });
    await send(harness, alert!);
    const path = `${base}/${nameOf(alert!)}/inspect`;
    // Each of these waits for kube-apiserver in its turn, so that many are under way however slow this machine is.
    const repeated = {
      method: 'POST',
      path: `${base}/${nameOf(alert!)}/trigger`,
      body: { template: 'nodehasemergencyevent', requestID: 'flood', dryRun: true },
    } as const;
    expect(await through.ask('flo', repeated)).toMatchObject({ status: 201 });
    let flooding = true;
    const refused: Answered[] = [];
    const flood = Array.from({ length: 40 }, async () => {
      while (flooding) {
        const answer = await through.ask('flo', repeated);
        if (answer.status !== 200) refused.push(answer);
      }
    });
    await eventually('the limit', () => refused.length > 20);
    for (let count = 0; count < 20; count += 1) {
      expect(await through.ask('quinn', { path })).toMatchObject({ status: 200 });
    }
    flooding = false;
    await Promise.all(flood);
    expect(refused[0]).toMatchObject({
      status: 429,
      headers: { 'retry-after': '1' },
      object: { kind: 'Status', reason: 'TooManyRequests', details: { retryAfterSeconds: 1 } },
    });
    expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([429]));
    for (const replica of replicas) expect(await answeredBy(replica)).toBeGreaterThan(20);
  });

  it('a request repeated after its replica was killed makes one attempt and one Workflow', async () => {
    const alerts = distinct('killed', 12, { type: 'NoRuleForIt' });
    await send(harness, alerts);
    let failed = 0;
    const repeated = async (path: string, requestID: string): Promise<string> => {
      const request = { method: 'POST', path, body: { template: 'nodehasemergencyevent', requestID } } as const;
      return eventually(
        'an answer',
        async () => {
          const { status, object } = await through.ask('rita', request).catch(() => ({ status: 0, object: {} }));
          if (status === 200 || status === 201) return (object as { metadata: { name: string } }).metadata.name;
          failed += 1;
          return undefined;
        },
        { withinMs: 60_000 },
      );
    };
    const names: string[] = [];
    for (const [index, replica] of replicas.entries()) {
      // Each is asked for by three at once, so that the same request is under way at both replicas too.
      const asked = alerts.slice(index * 6, index * 6 + 6).flatMap((alert) => {
        const path = `${base}/${nameOf(alert)}/trigger`;
        return [0, 1, 2].map(() => repeated(path, `once-${alert.fingerprint}`));
      });
      // When one is answered, the others are at work.
      await Promise.any(asked);
      harness.cluster.kill(replica, 'SIGKILL');
      names.push(...(await Promise.all(asked)));
    }
    expect(failed).toBeGreaterThan(0);
    expect(new Set(names).size).toBe(alerts.length);
    const books = await eventually('the Workflows', async () => {
      const found = await balance(
        harness,
        alerts.map(({ fingerprint }) => fingerprint),
      );
      return found.open.length === 1 && found;
    });
    expect(books).toMatchObject({ lost: [], doubled: [] });
    await eventually('both to be back', () => harness.extension?.api.endpoints().length === 2);
  }, 120_000);
});

describe('an API without replicas', () => {
  it('without replicas only requests that need one fail, with the reason, until the replicas are back', async () => {
    const { cluster, extension } = harness;
    const hanging = extension!.webhooks.endpoints();
    const finished = (name: string) => kubectl(['wait', '--for=delete', `namespace/${name}`, '--timeout=60s']);
    for (const replica of replicas) cluster.kill(replica, 'SIGSTOP');
    try {
      // Something still takes their connections, so that webhooks are waited for.
      await extension!.webhooks.setReplicas(
        hanging.map(({ port }) => ({ port, ready: `${harness.probes['worker-0']}/readyz` })),
      );
      const rule = {
        apiVersion: 'aegis.io/v1alpha1',
        kind: 'AegisAlertOpsRule',
        metadata: { name: 'late' },
        spec: { alertConditions: [{ type: 'Late' }], opsTemplate: { name: 'nodehasemergencyevent' } },
      };
      const [refused, configMap, pod] = await Promise.all([
        kubectl(['apply', '--request-timeout=20s', '-f', '-'], rule),
        kubectl(['create', 'configmap', 'as-ever', '--from-literal=a=b', '-n', 'default']),
        kubectl(['run', 'as-ever', '--image=none', '-n', 'default']),
      ]);
      expect(configMap).toMatchObject({ code: 0 });
      expect(pod).toMatchObject({ code: 0 });
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain('failed calling webhook "aegisalertopsrules.admission.aegis.io"');
      expect(refused.stderr).toContain('timeout=5s": context deadline exceeded');

      await becomesAvailable(false);
      await cluster.kubectl(['create', 'namespace', 'held-up']);
      await cluster.kubectl(['delete', 'namespace', 'held-up', '--wait=false']);
      await eventually('the namespace to say why', async () => {
        const conditions = await cluster.kubectl([
          'get',
          'namespace',
          'held-up',
          '-o',
          'jsonpath={.status.conditions}',
        ]);
        return conditions.includes('NamespaceDeletionDiscoveryFailure') && conditions.includes('subresources.aegis.io');
      });
      const [alert] = distinct('flood', 1, { type: 'NoRuleForIt' });
      const { code, stdout } = await kubectl(['get', 'aegisalerts']);
      expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining(nameOf(alert!)) });
      expect(await through.ask('quinn', { path: `${base}/${nameOf(alert!)}/inspect` })).toMatchObject({ status: 503 });
      expect(await kubectl(['get', 'namespace', 'held-up'])).toMatchObject({ code: 0 });
    } finally {
      for (const replica of replicas) cluster.kill(replica, 'SIGCONT');
      await extension!.webhooks.setReplicas(hanging);
    }
    await becomesAvailable(true);
    expect(await finished('held-up')).toMatchObject({ code: 0 });
  }, 180_000);
});
