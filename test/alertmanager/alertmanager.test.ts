import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aegisAlerts, type AegisAlert } from '../../crds/alert.ts';
import { startHarness, type Harness } from '../harness/aegis.ts';
import { startAlertmanager, type Alertmanager } from '../harness/alertmanager.ts';
import { eventually } from '../harness/eventually.ts';
import { sumOfMetric } from '../harness/metrics.ts';

let harness: Harness;
let alertmanager: Alertmanager;

beforeAll(async () => {
  harness = await startHarness();
  alertmanager = await startAlertmanager(harness);
}, 120_000);

afterAll(async () => {
  await harness.stop();
}, 60_000);

async function alertsOf(alertname: string): Promise<AegisAlert[]> {
  return (await harness.client(aegisAlerts).list()).items.filter(({ spec }) => spec.type === alertname);
}

function one(alertname: string, holds: (alert: AegisAlert) => boolean = () => true): Promise<AegisAlert> {
  return eventually(`the alert ${alertname}`, async () => {
    const [alert, ...others] = await alertsOf(alertname);
    return others.length === 0 && alert !== undefined && holds(alert) && alert;
  });
}

describe('a real Alertmanager', () => {
  it('an alert of a real Alertmanager is stored, and its repeats are counted', async () => {
    await alertmanager.fire([
      { labels: { alertname: 'NodeDown', node: 'n1', severity: 'critical' }, annotations: { summary: 'n1 is down' } },
    ]);
    const alert = await one('NodeDown', ({ status }) => (status?.count ?? 0) >= 2);
    expect(alert.spec).toMatchObject({
      source: 'alertmanager',
      severity: 'critical',
      status: 'Firing',
      involvedObject: { kind: 'Node', name: 'n1', node: 'n1' },
      details: { alertname: 'NodeDown', node: 'n1', summary: 'n1 is down' },
    });
  });

  it('a resolve of Alertmanager ends the episode, and the next firing begins another', async () => {
    const labels = { alertname: 'DiskFull', node: 'n2' };
    const past = (seconds: number): string => new Date(Date.now() - seconds * 1_000).toISOString();
    await alertmanager.fire([{ labels, startsAt: past(60) }]);
    await one('DiskFull');
    await alertmanager.fire([{ labels, startsAt: past(60), endsAt: past(1) }]);
    const first = await one('DiskFull', ({ spec }) => spec.status === 'Resolved');
    expect(first.spec.endsAt).toBeDefined();
    await alertmanager.fire([{ labels, startsAt: past(0) }]);
    const episodes = await eventually('the second episode', async () => {
      const alerts = await alertsOf('DiskFull');
      return alerts.length === 2 && alerts;
    });
    expect(episodes.map(({ metadata }) => metadata.name).sort()).toEqual([
      first.metadata.name,
      `${first.metadata.name}-2`,
    ]);
  });

  it('Alertmanager repeats an alert that could not be stored until it is stored', async () => {
    await harness.cluster.supervisor.stop('kube-apiserver');
    await alertmanager.fire([{ labels: { alertname: 'Retried', node: 'n3' } }]);
    const refused = /aegis_ingest_requests_total\{[^}]*code="503"[^}]*\} [1-9]/;
    await eventually('a request that was refused', async () => {
      const metrics = await (await fetch(`${harness.probes['apiserver-0'] ?? ''}/metrics`)).text();
      return refused.test(metrics);
    });
    await harness.cluster.restart('kube-apiserver');
    await one('Retried');
  }, 90_000);

  it('Alertmanager repeats an alert that got no answer', async () => {
    await harness.cluster.supervisor.stop('apiserver-0');
    const failed = 'alertmanager_notification_requests_failed_total{integration="webhook"}';
    const before = await sumOfMetric(alertmanager.url, failed);
    await alertmanager.fire([{ labels: { alertname: 'Unheard', node: 'n4' } }]);
    await eventually('a request that failed', async () => (await sumOfMetric(alertmanager.url, failed)) > before);
    await harness.cluster.restart('apiserver-0');
    await one('Unheard');
  }, 90_000);

  it('a group of a thousand alerts of Alertmanager is stored', async () => {
    const group = Array.from({ length: 1_000 }, (_, index) => ({ labels: { alertname: 'Storm', node: `n${index}` } }));
    await alertmanager.fire(group);
    await eventually('a thousand alerts', async () => (await alertsOf('Storm')).length === 1_000, { withinMs: 60_000 });
  }, 90_000);
});
