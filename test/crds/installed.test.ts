import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aegisAlerts } from '../../crds/alert.ts';
import { kinds } from '../../crds/kinds.ts';
import { aegisRemediations } from '../../crds/remediation.ts';
import { pathOf, type Answer } from './api-client.ts';
import { startCrdCluster, type CrdCluster } from './cluster.ts';
import { readGolden } from './golden.ts';

let cluster: CrdCluster;

beforeAll(async () => {
  cluster = await startCrdCluster();
}, 900_000);

afterAll(async () => {
  await cluster.stop();
}, 60_000);

const alerts = pathOf(aegisAlerts, 'default');

function createAlert(name: string, spec: object = {}): Promise<Answer> {
  return cluster.client.send('POST', `${alerts}?fieldValidation=Strict`, {
    apiVersion: 'aegis.io/v1alpha1',
    kind: 'AegisAlert',
    metadata: { name },
    spec: { type: 'NodeHasEmergencyEvent', involvedObject: { kind: 'Node', name: 'dev1' }, ...spec },
  });
}

function applyStatus(name: string, manager: string, status: object): Promise<Answer> {
  const object = { apiVersion: 'aegis.io/v1alpha1', kind: 'AegisAlert', metadata: { name }, status };
  const query = `fieldManager=${manager}&force=true`;
  return cluster.client.send('PATCH', `${alerts}/${name}/status?${query}`, object, 'application/apply-patch+yaml');
}

function patchSpec(name: string, spec: object): Promise<Answer> {
  return cluster.client.send('PATCH', `${alerts}/${name}`, { spec }, 'application/merge-patch+json');
}

async function countOf(name: string): Promise<unknown> {
  const { body } = await cluster.client.send('GET', `${alerts}/${name}`);
  return (body as { status?: { count?: number } }).status?.count;
}

/** Without the age, and without the blanks that fill the lines. */
function columns(table: string): string[] {
  return table
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/\s+\d+s$/, '   <age>').trimEnd());
}

describe('the installed kinds', () => {
  it.each(kinds.map(({ resource }) => `${resource.plural}.${resource.group}`))(
    'the CRD %s is established and structural',
    async (name) => {
      const crd = JSON.parse(await cluster.kubectl(['get', 'crd', name, '--output=json'])) as {
        status: { conditions: { type: string; status: string }[] };
      };
      const states = Object.fromEntries(crd.status.conditions.map(({ type, status }) => [type, status]));
      expect(states).toEqual({ NamesAccepted: 'True', Established: 'True' });
    },
  );

  it('kubectl explain describes fields of the installed kinds', async () => {
    const explained = await cluster.kubectl(['explain', 'aegisalert.spec.details']);
    expect(explained).toContain('FIELD: details <map[string]string>');
    expect(explained).toContain('templates can use each key as a variable');
    expect(await cluster.kubectl(['explain', 'arp.spec.budget'])).toContain('unhealthy or in remediation');
  });

  it('the installed kinds are listed by their category and selected by their fields', async () => {
    await createAlert('listed', { type: 'Listed' });
    expect(await cluster.kubectl(['get', 'aegis', '--output=name'])).toContain('aegisalert.aegis.io/listed');
    const selected = await cluster.kubectl(['get', 'aal', '--field-selector=spec.type=Listed', '--output=name']);
    expect(selected).toBe('aegisalert.aegis.io/listed\n');
  });

  it('a policy takes and shows a number or a percentage', async () => {
    const policy = (name: string, maxUnhealthy: unknown): object => ({
      apiVersion: 'aegis.io/v1alpha1',
      kind: 'AegisRemediationPolicy',
      metadata: { name },
      spec: { budget: { maxUnhealthy } },
    });
    await cluster.kubectl(['create', '--filename=-'], JSON.stringify(policy('percent', '10%')));
    await cluster.kubectl(['create', '--filename=-'], JSON.stringify(policy('number', 3)));
    const table = await cluster.kubectl(['get', 'aegisremediationpolicies']);
    expect(columns(table).slice(1)).toEqual([
      expect.stringMatching(/^number +3 /),
      expect.stringMatching(/^percent +10% /),
    ]);
  });
});

describe('an alert', () => {
  it('an alert is shown in the columns of the original, with a count of 1 before it has a status', async () => {
    await createAlert('columns');
    expect(columns(await cluster.kubectl(['get', 'aegisalert', 'columns']))).toEqual([
      'NAME      TYPE                    KIND   NAME   STATUS   COUNT   TRIGGER   OPS   AGE',
      'columns   NodeHasEmergencyEvent   Node   dev1   Firing   1   <age>',
    ]);
    await applyStatus('columns', 'worker', { opsStatus: { triggerStatus: 'Triggered', alertOpsStatus: 'Running' } });
    expect(columns(await cluster.kubectl(['get', 'aegisalert', 'columns']))[1]).toBe(
      'columns   NodeHasEmergencyEvent   Node   dev1   Firing   1       Triggered   Running   <age>',
    );
  });

  it('a watched alert without a status has a count of 1', async () => {
    const { body } = await cluster.client.send('GET', alerts);
    await createAlert('watched');
    const query = `watch=true&timeoutSeconds=1&resourceVersion=${body.metadata.resourceVersion ?? ''}`;
    const lines = (await cluster.kubectl(['get', '--raw', `${alerts}?${query}`])).trim().split('\n');
    expect(JSON.parse(lines[0]!)).toMatchObject({
      type: 'ADDED',
      object: { metadata: { name: 'watched' }, status: { count: 1 } },
    });
  });

  it('an alert keeps the count of another manager when a status without one is applied', async () => {
    await createAlert('counted');
    await applyStatus('counted', 'worker', { opsStatus: { triggerStatus: 'Triggered' } });
    expect(await countOf('counted')).toBe(1);
    await applyStatus('counted', 'ingest', { count: 7, lastSeenTime: '2026-01-02T12:00:00Z' });
    await applyStatus('counted', 'worker', { opsStatus: { triggerStatus: 'Triggered', alertOpsStatus: 'Running' } });
    expect(await countOf('counted')).toBe(7);
    await cluster.client.send(
      'PATCH',
      `${alerts}/counted/status`,
      { status: { count: 9 } },
      'application/merge-patch+json',
    );
    await applyStatus('counted', 'worker', { opsStatus: { triggerStatus: 'Triggered', alertOpsStatus: 'Succeeded' } });
    expect(await countOf('counted')).toBe(9);
  });

  it('only the status subresource writes the status of an alert', async () => {
    const { body } = await createAlert('main');
    const written = { ...body, status: { count: 50 } };
    expect((await cluster.client.send('PUT', `${alerts}/main`, written)).status).toBe(200);
    expect(await countOf('main')).toBe(1);
  });

  it('a resolved alert stays resolved, and its type and fingerprint cannot be changed', async () => {
    await createAlert('resolved', { fingerprint: 'f' });
    expect((await patchSpec('resolved', { status: 'Resolved' })).status).toBe(200);
    const refused = [
      await patchSpec('resolved', { status: 'Firing' }),
      await patchSpec('resolved', { type: 'Other' }),
      await patchSpec('resolved', { fingerprint: 'g' }),
      await patchSpec('resolved', { fingerprint: null }),
    ];
    expect(refused.map(({ status, body }) => [status, body.details?.causes?.[0]?.field])).toEqual([
      [422, 'spec.status'],
      [422, 'spec.type'],
      [422, 'spec.fingerprint'],
      [422, 'spec.fingerprint'],
    ]);
    expect(refused[0]?.body.message).toContain('status cannot change from Resolved');
    expect((await patchSpec('resolved', { severity: 'warning' })).status).toBe(200);
  });

  it('an alert name that leaves no room for its remediations is refused with the reason', async () => {
    expect((await createAlert('a'.repeat(57))).status).toBe(201);
    const { status, body } = await createAlert('a'.repeat(58));
    expect(status).toBe(422);
    expect(body.message).toContain('metadata.name must have at most 57 characters');
  });
});

describe('a remediation', () => {
  it('the spec of a remediation is immutable', async () => {
    const { object } = readGolden('good').find(({ title }) => title.startsWith('remediation-minimal'))!;
    const path = pathOf(aegisRemediations, 'default');
    const { body } = await cluster.client.send('POST', path, {
      ...object,
      metadata: { name: 'r' },
    });
    const spec = (body as unknown as { spec: object }).spec;
    const changed = await cluster.client.send('PUT', `${path}/r`, { ...body, spec: { ...spec, manifest: '{}' } });
    expect(changed.status).toBe(422);
    expect(changed.body.details?.causes?.[0]).toMatchObject({ field: 'spec' });
    expect(changed.body.message).toContain('spec is immutable, because it is what users approve');
    const labelled = { ...body, metadata: { ...body.metadata, labels: { a: 'b' } } };
    expect((await cluster.client.send('PUT', `${path}/r`, labelled)).status).toBe(200);
  });
});
