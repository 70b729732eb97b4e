import { describe, expect, it } from '@jest/globals';
import { labels } from '../../../crds/labels.ts';
import { alertName } from '../../../crds/names.ts';
import { dedupKey } from '../../../alerts/fingerprint.ts';
import { AlertApi } from '../../../test/ingest/fakes/alert-api.ts';
import { alertOf, at, Replica } from '../../../test/ingest/fakes/replica.ts';

function fixture(replicas = 1) {
  const api = new AlertApi();
  const all = Array.from({ length: replicas }, () => new Replica(api));
  return { api, replicas: all, replica: all[0]! };
}

const firing = alertOf('Firing', { start: 1 });
const resolved = alertOf('Resolved', { start: 1, end: 2 });

describe('recording an alert', () => {
  it('a new alert is stored as the first episode', async () => {
    const { api, replica } = fixture();
    expect(await replica.record(firing)).toMatchObject({ outcome: 'created' });
    const [object] = api.objects.values();
    expect(object).toMatchObject({
      metadata: { namespace: 'monitoring', labels: { [labels.episode]: '1', [labels.source]: 'alertmanager' } },
      spec: { type: 'NodeDown', status: 'Firing', fingerprint: 'f', startsAt: at(1), details: { node: 'dev1' } },
    });
    expect(object?.metadata.name).toBe(
      alertName('alertmanager', 'NodeDown', dedupKey('alertmanager', 'monitoring', 'f'), 1),
    );
  });

  it('a repeat needs no API call, even before the watch has shown the first episode', async () => {
    const { api, replica } = fixture();
    await replica.record(firing);
    api.calls.length = 0;
    expect(await replica.record(firing)).toMatchObject({ outcome: 'duplicate' });
    replica.now = new Date(replica.now.getTime() + 6 * 3_600_000);
    replica.sync();
    expect(await replica.record(firing)).toMatchObject({ outcome: 'duplicate' });
    expect(api.calls).toEqual([]);
  });

  it('simultaneous alerts of many replicas are stored once', async () => {
    const { api, replicas } = fixture(10);
    const results = await Promise.all(
      replicas.flatMap((replica) => Array.from({ length: 50 }, () => replica.record(firing))),
    );
    const outcomes = Object.groupBy(results, ({ outcome }) => outcome);
    expect(outcomes.created).toHaveLength(1);
    expect(outcomes.duplicate).toHaveLength(499);
    expect(api.objects.size).toBe(1);
    // One create per replica and one read per loser: repeats within a process wait for the first.
    expect(api.calls.length).toBeLessThanOrEqual(19);
  });

  it('a resolve ends an episode, and a later firing starts the next one', async () => {
    const { api, replica } = fixture();
    await replica.record(firing);
    expect(await replica.record(resolved)).toMatchObject({ outcome: 'resolved', alert: { spec: { endsAt: at(2) } } });
    expect(await replica.record(resolved)).toEqual({ outcome: 'ignored', reason: 'AlreadyResolved' });
    expect(await replica.record(alertOf('Firing', { start: 3 }))).toMatchObject({ outcome: 'created' });
    expect(
      [...api.objects.values()].map(({ metadata, spec }) => [metadata.labels?.[labels.episode], spec.status]),
    ).toEqual([
      ['1', 'Resolved'],
      ['2', 'Firing'],
    ]);
  });

  it('a firing that arrives after its own resolve is ignored', async () => {
    const { replica } = fixture();
    await replica.record(firing);
    await replica.record(resolved);
    expect(await replica.record(firing)).toEqual({ outcome: 'ignored', reason: 'Late' });
  });

  it('an alert that is still received an hour after the end is not ignored as late', async () => {
    const { replica } = fixture();
    await replica.record(firing);
    await replica.record(resolved);
    replica.now = new Date(Date.parse(at(2)) + 3_600_001);
    expect(await replica.record(firing)).toMatchObject({ outcome: 'created' });
  });

  it('alerts without times are ordered by arrival', async () => {
    const { replica } = fixture();
    const before = replica.now;
    await replica.record(alertOf('Firing'));
    replica.now = new Date(before.getTime() + 10);
    expect(await replica.record(alertOf('Resolved'))).toMatchObject({ outcome: 'resolved' });
    expect(await replica.record(alertOf('Firing'), { receivedAt: before })).toEqual({
      outcome: 'ignored',
      reason: 'Late',
    });
    replica.now = new Date(before.getTime() + 20);
    expect(await replica.record(alertOf('Firing'))).toMatchObject({ outcome: 'created' });
  });

  it('a resolve of an unknown episode is ignored after a lookup in the API server', async () => {
    const { api, replica } = fixture();
    expect(await replica.record(resolved)).toEqual({ outcome: 'ignored', reason: 'NoEpisode' });
    expect(api.calls).toEqual(['list']);
    expect(api.objects.size).toBe(0);
  });

  it('the unknown episodes of a group are looked up with one request', async () => {
    const { api, replica } = fixture();
    const group = Array.from({ length: 30 }, (_, n) => ({ ...resolved, fingerprint: `f${n}` }));
    await Promise.all(group.map((alert) => replica.record(alert)));
    expect(api.calls.filter((call) => call === 'list').length).toBeLessThanOrEqual(8);
  });

  it('a resolve ends an episode that the watch has not shown yet, and one of another type', async () => {
    const { api, replicas } = fixture(2);
    await replicas[0]!.record(firing);
    expect(await replicas[1]!.record({ ...resolved, type: 'Renamed' })).toMatchObject({ outcome: 'resolved' });
    expect(api.open()).toEqual([]);
  });

  it('a resolve ends the next episode although the cache does not have it', async () => {
    const { api, replicas } = fixture(2);
    const [one, two] = replicas as [Replica, Replica];
    await one.record(firing);
    await one.record(resolved);
    two.sync();
    await one.record(alertOf('Firing', { start: 3 }));
    expect(await two.record(alertOf('Resolved', { start: 3, end: 4 }))).toMatchObject({ outcome: 'resolved' });
    expect(api.open()).toEqual([]);
  });

  it('a firing starts the next episode although the watch still shows the last one as firing', async () => {
    const { api, replicas } = fixture(2);
    const [one, two] = replicas as [Replica, Replica];
    await one.record(firing);
    two.sync();
    await one.record(resolved);
    expect(await two.record(alertOf('Firing', { start: 3 }))).toMatchObject({ outcome: 'created' });
    expect(api.open()).toHaveLength(1);
  });

  it('a firing starts an episode again when the object was deleted', async () => {
    const { api, replica } = fixture();
    await replica.record(firing);
    replica.sync();
    api.delete([...api.objects.values()][0]!);
    await replica.record(firing);
    await replica.flush();
    expect(api.open()).toHaveLength(1);
  });

  it('an object that is being deleted is not changed', async () => {
    const { api, replica } = fixture();
    await replica.record(firing);
    const [object] = api.objects.values();
    api.put({ ...object!, metadata: { ...object!.metadata, deletionTimestamp: at(30) } });
    replica.sync();
    expect(await replica.record(firing)).toMatchObject({
      outcome: 'created',
      alert: { metadata: { labels: { [labels.episode]: '2' } } },
    });
  });

  it('an episode without labels is found by name', async () => {
    const { api, replicas } = fixture(2);
    await replicas[0]!.record(firing);
    const [object] = api.objects.values();
    api.put({ ...object!, metadata: { ...object!.metadata, labels: {} } });
    expect(await replicas[1]!.record(firing)).toMatchObject({ outcome: 'duplicate' });
    expect(api.objects.size).toBe(1);
  });

  it("keeps an alert whose name another alert's episode has", async () => {
    const { api, replica } = fixture();
    const name = alertName('alertmanager', 'NodeDown', dedupKey('alertmanager', 'monitoring', 'f'), 1);
    api.put({
      apiVersion: 'aegis.io/v1alpha1',
      kind: 'AegisAlert',
      metadata: { name, namespace: 'monitoring', labels: { [labels.dedupKey]: 'forged' } },
      spec: { source: 'alertmanager', type: 'NodeDown', status: 'Firing', fingerprint: 'f', trust: 'Parsed' },
    });
    const stored = await replica.record(firing);
    expect(stored).toMatchObject({ outcome: 'created' });
    expect(api.objects.size).toBe(2);
    expect(await new Replica(api).record(firing)).toMatchObject({ outcome: 'duplicate' });
    expect(api.objects.size).toBe(2);
  });

  it.each(['nowhere', 'Not/A*Name', 'x'.repeat(300)])(
    'an alert for the namespace %s is stored in the default one, and labelled with the requested name',
    async (tenant) => {
      const { api, replica } = fixture();
      const stored = await replica.record(firing, { tenant });
      expect(stored).toMatchObject({ outcome: 'created', alert: { metadata: { namespace: 'monitoring' } } });
      const label = [...api.objects.values()][0]?.metadata.labels?.[labels.requestedNamespace];
      expect(label).toMatch(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/);
      expect(await replica.record(firing, { tenant })).toMatchObject({ outcome: 'duplicate' });
      expect(await replica.record(firing, { tenant: 'team-a' })).toMatchObject({ outcome: 'created' });
      expect(await replica.record(resolved, { tenant })).toMatchObject({ outcome: 'resolved' });
    },
  );

  it('an alert with an unknown status, or one that the API server refuses, is rejected', async () => {
    const { api, replica } = fixture();
    expect(await replica.record(alertOf('Unknown'))).toMatchObject({ outcome: 'rejected', reason: 'UnknownStatus' });
    expect(api.calls).toEqual([]);
    api.refuse = () => 'spec.type is too long';
    expect(await replica.record(firing)).toMatchObject({ outcome: 'rejected', message: 'spec.type is too long' });
  });

  it('recording fails when the API server fails, and succeeds the next time', async () => {
    const { api, replica } = fixture();
    api.before = () => Promise.reject(new Error('connection refused'));
    await expect(replica.record(firing)).rejects.toThrow('connection refused');
    api.before = () => Promise.resolve();
    expect(await replica.record(firing)).toMatchObject({ outcome: 'created' });
  });

  it('an alert whose creation had no answer is a repeat the next time', async () => {
    const { api, replica } = fixture();
    api.after = () => {
      throw new Error('connection reset');
    };
    await expect(replica.record(firing)).rejects.toThrow('connection reset');
    api.after = () => undefined;
    expect(await replica.record(firing)).toMatchObject({ outcome: 'duplicate' });
    expect(api.objects.size).toBe(1);
  });

  it('recording ends at the deadline, also while it waits for the same alert', async () => {
    const { api, replica } = fixture();
    const { promise: never } = Promise.withResolvers<undefined>();
    api.before = (_, signal) =>
      Promise.race([
        never,
        new Promise<never>((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reject(new Error('aborted'));
          });
        }),
      ]);
    const deadline = new AbortController();
    const results = Promise.allSettled([1, 2, 3].map(() => replica.record(firing, {}, deadline.signal)));
    deadline.abort();
    expect((await results).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  });
});
