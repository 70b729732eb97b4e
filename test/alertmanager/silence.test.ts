import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { aegisAlerts, type AegisAlert } from '../../crds/alert.ts';
import { conditionTypes, findCondition } from '../../crds/conditions.ts';
import { freePorts } from '../../devcluster/ports.ts';
import { startHarness, type Harness } from '../harness/aegis.ts';
import { startAlertmanager, type Alertmanager } from '../harness/alertmanager.ts';
import { eventually } from '../harness/eventually.ts';

let harness: Harness;
let alertmanager: Alertmanager;

beforeAll(async () => {
  const [port = 0] = await freePorts(1);
  harness = await startHarness({
    apiserverArgs: [`--alertmanager-url=http://127.0.0.1:${port}`, '--stale-after=10s'],
    workerArgs: ['--stale-after=10s'],
  });
  alertmanager = await startAlertmanager(harness, { port, repeatInterval: '12h' });
}, 120_000);

afterAll(async () => {
  await harness.stop();
}, 60_000);

function alertThat(what: string, holds: (alert: AegisAlert) => boolean): Promise<AegisAlert> {
  return eventually(`an alert that ${what}`, async () => {
    const [alert] = (await harness.client(aegisAlerts).list()).items;
    return alert !== undefined && holds(alert) && alert;
  });
}

function isStale({ status }: AegisAlert): boolean {
  return findCondition(status?.conditions, conditionTypes.stale) !== undefined;
}

it('lets an alert become stale only when Alertmanager does not list it any more', async () => {
  await alertmanager.fire([{ labels: { alertname: 'Quiet', node: 'n1' } }]);
  const first = await alertThat('was stored', ({ status }) => status?.opsStatus !== undefined);
  const since = Date.parse(first.metadata.creationTimestamp ?? '');
  const confirmed = await alertThat(
    'Alertmanager was asked about more than once',
    (alert) => Date.parse(alert.status?.lastSeenTime ?? '') > since + 14_000 && !isStale(alert),
  );
  expect(confirmed.status?.count ?? 1).toBe(1);
  await harness.cluster.supervisor.stop('alertmanager');
  const stale = await alertThat('is stale', isStale);
  expect(stale.spec.status).toBe('Firing');
}, 120_000);
