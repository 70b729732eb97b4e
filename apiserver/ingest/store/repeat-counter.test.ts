import { describe, expect, it } from '@jest/globals';
import { AlertApi } from '../../../test/ingest/fakes/alert-api.ts';
import { alertOf, at, Replica } from '../../../test/ingest/fakes/replica.ts';

const firing = alertOf('Firing', { start: 1 });

async function firingAlert(replicas = 1) {
  const api = new AlertApi();
  const all = Array.from({ length: replicas }, () => new Replica(api));
  await all[0]!.record(firing);
  for (const replica of all) replica.sync();
  api.calls.length = 0;
  return { api, replicas: all, replica: all[0]!, count: () => [...api.objects.values()][0]?.status?.count ?? 1 };
}

describe('counting repeats', () => {
  it('many repeats are written at once', async () => {
    const { api, replica, count } = await firingAlert();
    for (let n = 0; n < 1000; n += 1) await replica.record(firing);
    await replica.flush();
    expect(api.calls).toEqual(['writeSeen']);
    expect(count()).toBe(1001);
    expect([...api.objects.values()][0]?.status?.lastSeenTime).toBe(at(0));
    await replica.flush();
    expect(api.calls).toEqual(['writeSeen']);
  });

  it('the repeats of several replicas are added up', async () => {
    const { replicas, count } = await firingAlert(3);
    for (const replica of replicas) for (let n = 0; n < 100; n += 1) await replica.record(firing);
    await Promise.all(replicas.map((replica) => replica.flush()));
    expect(count()).toBe(301);
  });

  it('repeats are written later when the object keeps changing', async () => {
    const { api, replica, count } = await firingAlert();
    await replica.record(firing);
    api.before = (operation) => {
      if (operation === 'writeSeen') api.put([...api.objects.values()][0]!);
      return Promise.resolve();
    };
    await replica.flush();
    expect(count()).toBe(1);
    api.before = () => Promise.resolve();
    await replica.flush();
    expect(count()).toBe(2);
  });

  it('repeats are dropped rather than counted twice when an answer was lost', async () => {
    const { api, replica, count } = await firingAlert();
    await replica.record(firing);
    await replica.record(firing);
    api.after = () => {
      throw new Error('connection reset');
    };
    await replica.flush();
    expect(count()).toBe(3);
    api.after = () => undefined;
    replica.sync();
    await replica.flush();
    expect(count()).toBe(3);
    expect(replica.dropped).toBe(2);
  });

  it('repeats are kept while the API server is down, which is tried only once', async () => {
    const { api, replica } = await firingAlert();
    for (let n = 0; n < 50; n += 1) await replica.record({ ...firing, fingerprint: `f${n}` });
    replica.sync();
    for (let n = 0; n < 50; n += 1) await replica.record({ ...firing, fingerprint: `f${n}` });
    await replica.record(firing);
    api.calls.length = 0;
    api.before = () => Promise.reject(new Error('connection refused'));
    await replica.flush();
    expect(api.calls.length).toBeLessThanOrEqual(4);
    api.before = () => Promise.resolve();
    await replica.flush();
    // The outcome of the requested writes is unknown.
    const counted = [...api.objects.values()].reduce((sum, { status }) => sum + (status?.count ?? 1) - 1, 0);
    expect(replica.dropped).toBeLessThanOrEqual(4);
    expect(counted).toBe(51 - replica.dropped);
  });

  it('a repeat updates changed details and severity without a new episode', async () => {
    const { api, replica } = await firingAlert();
    await replica.record({ ...firing, severity: 'high', details: { summary: 'it got worse' } });
    await replica.flush();
    expect(api.calls).toEqual(['change', 'writeSeen']);
    const [object] = api.objects.values();
    expect(object?.spec).toMatchObject({ severity: 'high', details: { summary: 'it got worse' } });
    expect(object?.spec.details).not.toHaveProperty('node');
    expect(object?.status?.count).toBe(2);
    expect(api.objects.size).toBe(1);
  });

  it('repeats that came just before the end are counted on the ended episode', async () => {
    const { replica, count, api } = await firingAlert();
    await replica.record(firing);
    await replica.record(alertOf('Resolved', { start: 1, end: 2 }));
    await replica.flush();
    expect(count()).toBe(2);
    expect(api.objects.size).toBe(1);
  });

  it('a repeat of an episode that had ended starts a new episode', async () => {
    const { api, replicas } = await firingAlert(2);
    const [one, two] = replicas as [Replica, Replica];
    await one.record(alertOf('Resolved'));
    two.now = new Date(two.now.getTime() + 10);
    expect(await two.record(alertOf('Firing'))).toMatchObject({ outcome: 'duplicate' });
    await two.flush();
    expect(api.open()).toHaveLength(1);
    expect(api.objects.size).toBe(2);
  });
});
