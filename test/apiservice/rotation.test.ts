import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { readCertificates } from '../../apiservice/certificates/authorities.ts';
import { secrets } from '../../apiservice/certificates/authority-secret.ts';
import { webhookConfigurations } from '../../apiservice/registration/registered.ts';
import { NAMESPACE } from '../../devcluster/start/aegis.ts';
import { resources } from '../../kube/client/resources.ts';
import { API_SERVICE, GROUP, startFixture, VERSION, type Replica, type Fixture } from './fixture.ts';

/** Long enough for two authorities to hand over, and for five generations of certificates. */
const DURATION_MS = 100_000;

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
}, 180_000);
afterAll(async () => {
  await fixture.stop();
});

/** Repeats `work` until the signal is aborted; returns the number of calls and the errors. */
async function repeat(signal: AbortSignal, everyMs: number, work: (i: number) => Promise<unknown>) {
  const failures: string[] = [];
  let count = 0;
  while (!signal.aborted) {
    await work(count++).catch((error: unknown) => failures.push(String(error)));
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  return { count, failures };
}

const rule = (name: string) => ({
  apiVersion: 'aegis.io/v1alpha1',
  kind: 'AegisAlertOpsRule',
  metadata: { name, namespace: NAMESPACE },
  spec: {
    alertConditions: [{ type: 'NodeDown', status: 'Firing' }],
    opsTemplate: { kind: 'AegisOpsTemplate', apiVersion: 'aegis.io/v1alpha1', namespace: NAMESPACE, name: 'none' },
  },
});

const idsIn = (base64 = '') => readCertificates(Buffer.from(base64, 'base64').toString()).map(({ id }) => id);

describe('rotation under load', () => {
  it(
    'certificate rotation under load fails no request, though every request verifies the certificate',
    async () => {
      const replicas: Replica[] = [await fixture.startReplica(), await fixture.startReplica()];
      await fixture.untilAvailable('True');
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      const end = AbortSignal.timeout(DURATION_MS);
      const bundles = new Set<string>();
      const signers = new Set<string>();
      const webhooks = resources(fixture.rest, webhookConfigurations);
      const [reads, writes, conditions] = await Promise.all([
        repeat(end, 150, () => fixture.rest.request({ method: 'GET', path: `/apis/${GROUP}/${VERSION}` })),
        repeat(end, 300, (i) =>
          fixture.rest.request({
            method: 'POST',
            path: `/apis/aegis.io/v1alpha1/namespaces/${NAMESPACE}/aegisalertopsrules`,
            query: { dryRun: 'All' },
            body: rule(`rule-${i}`),
          }),
        ),
        repeat(end, 250, async () => {
          const condition = await fixture.available();
          if (condition?.status !== 'True') throw new Error(`${condition?.reason}: ${condition?.message}`);
          const apiService = await fixture.apiServices.get({ name: API_SERVICE });
          const configuration = await webhooks.get({ name: 'aegis' });
          bundles.add(idsIn(apiService.spec?.caBundle).join());
          bundles.add(idsIn(configuration.webhooks?.[0]?.clientConfig.caBundle).join());
          const secret = await resources(fixture.rest, secrets).get({
            namespace: NAMESPACE,
            name: 'aegis-apiserver-ca',
          });
          for (const id of idsIn(secret.data?.['ca.crt'])) signers.add(id);
        }),
      ]);
      expect({ reads: reads.failures, writes: writes.failures, conditions: conditions.failures }).toEqual({
        reads: [],
        writes: [],
        conditions: [],
      });
      expect(reads.count).toBeGreaterThan(100);
      expect(signers.size).toBeGreaterThanOrEqual(3);
      // Old and new together, and each alone: something was added and something was removed.
      expect([...bundles].some((bundle) => bundle.includes(','))).toBe(true);
      expect(new Set([...bundles].flatMap((bundle) => bundle.split(','))).size).toBeGreaterThanOrEqual(3);
      for (const { server, registry } of replicas) {
        expect(server.counts.api).toBeGreaterThan(50);
        expect(server.counts.reviews).toBeGreaterThan(20);
        const metric = await registry.getSingleMetric('aegis_certificate_rotations_total')?.get();
        const issued = metric?.values.find(({ labels }) => labels['step'] === 'issue')?.value ?? 0;
        expect(issued).toBeGreaterThanOrEqual(5);
      }
    },
    DURATION_MS + 60_000,
  );
});
