import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aegisAlerts } from '../../crds/alert.ts';
import { kinds } from '../../crds/kinds.ts';
import { aegisAlertOpsRules } from '../../crds/ops-rule.ts';
import { aegisRemediationPolicies } from '../../crds/remediation-policy.ts';
import { aRule } from '../builders/objects.ts';
import { pathOf, type Answer } from './api-client.ts';
import { startCrdCluster, type CrdCluster } from './cluster.ts';
import { readGolden } from './golden.ts';

let cluster: CrdCluster;

beforeAll(async () => {
  cluster = await startCrdCluster();
  for (const { object } of oneOfEachKind) await cluster.kubectl(['create', '--filename=-'], JSON.stringify(object));
}, 900_000);

afterAll(async () => {
  await cluster.stop();
}, 60_000);

/** For each kind the golden object that says most, in the namespace default. */
const oneOfEachKind = kinds.map(({ resource }) => {
  const [fullest] = readGolden('good')
    .filter(({ type, title }) => type.kind === resource.kind && !title.startsWith('original'))
    .sort((a, b) => JSON.stringify(b.object).length - JSON.stringify(a.object).length);
  if (fullest === undefined) throw new Error(`there is no good ${resource.kind}`);
  const { status, ...object } = fullest.object;
  const metadata = { name: object.metadata.name, ...(resource.namespaced ? { namespace: 'default' } : {}) };
  return { resource, status, object: { ...object, metadata } };
});

function applied(path: string, manager: string, object: object): Promise<Answer> {
  return cluster.client.send('PATCH', `${path}?fieldManager=${manager}`, object, 'application/apply-patch+yaml');
}

describe('kubectl get', () => {
  it.each(kinds.map((kind) => [kind.resource.plural, kind] as const))(
    'kubectl get --output=wide shows %s with more columns',
    async (plural, { columns }) => {
      const header = async (...flags: string[]): Promise<string> =>
        (await cluster.kubectl(['get', plural, ...flags]))
          .split('\n')[0]!
          .replace(/\s{2,}/g, '|')
          .trim();
      const names = (wide: boolean): string =>
        ['Name', ...columns.filter(({ priority = 0 }) => wide || priority === 0).map(({ name }) => name)]
          .join('|')
          .toUpperCase();
      expect(await header()).toBe(names(false));
      expect(await header('--output=wide')).toBe(names(true));
    },
  );

  it.each(
    kinds.flatMap(({ resource, selectableFields }) => selectableFields.map((path) => [resource.plural, path] as const)),
  )('kubectl get selects %s by the field %s', async (plural, path) => {
    const field = path.slice(1);
    const { object } = oneOfEachKind.find(({ resource }) => resource.plural === plural)!;
    const value = field.split('.').reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], {
      ...(JSON.parse(await cluster.kubectl(['get', plural, object.metadata.name, '--output=json'])) as object),
    });
    const found = async (selector: string): Promise<string> =>
      cluster.kubectl(['get', plural, `--field-selector=${selector}`, '--output=name']);
    const name = `/${object.metadata.name}\n`;
    // A field that is not there is selected as an empty text.
    expect(await found(`${field}=${(value ?? '') as string}`)).toContain(name);
    expect(await found(`${field}=something-else`)).toBe('');
  });
});

describe('server-side apply', () => {
  it('server-side apply lets two managers keep their own conditions and pauses', async () => {
    const name = 'shared';
    const policy = { apiVersion: 'aegis.io/v1alpha1', kind: 'AegisRemediationPolicy', metadata: { name } };
    const path = pathOf(aegisRemediationPolicies, undefined, name);
    expect((await applied(path, 'user', { ...policy, spec: {} })).status).toBe(201);
    const condition = (type: string): object => ({
      type,
      status: 'True',
      reason: 'Fine',
      message: '',
      lastTransitionTime: '2026-01-02T12:00:00Z',
    });
    const pause = (id: string): object => ({ id, reason: 'storm', by: id, since: '2026-01-02T12:00:00Z' });
    const write = (manager: string, status: object): Promise<Answer> =>
      applied(`${path}/status`, manager, { ...policy, status });
    expect((await write('worker', { conditions: [condition('Ready')], pauses: [pause('a')] })).status).toBe(200);
    expect((await write('other', { conditions: [condition('Other')], pauses: [pause('b')] })).status).toBe(200);
    expect((await write('other', { pauses: [pause('c')] })).status).toBe(200);
    const { body } = await cluster.client.send('GET', path);
    const { status } = body as unknown as { status: { conditions: { type: string }[]; pauses: { id: string }[] } };
    expect(status.conditions.map(({ type }) => type)).toEqual(['Ready']);
    expect(status.pauses.map(({ id }) => id).sort()).toEqual(['a', 'c']);
  });

  it('server-side apply reports a conflict between two users of one field', async () => {
    const { spec, apiVersion, kind } = aRule();
    const rule = (priority: number): object => ({
      apiVersion,
      kind,
      metadata: { name: 'contested' },
      spec: { ...spec, priority },
    });
    const apply = (manager: string, priority: number): Promise<string> =>
      cluster.kubectl(
        ['apply', '--server-side', `--field-manager=${manager}`, '--namespace=default', '--filename=-'],
        JSON.stringify(rule(priority)),
      );
    await apply('git', 1);
    await apply('ann', 1);
    await expect(apply('ann', 2)).rejects.toThrow('conflict with "git": .spec.priority');
    const { body } = await cluster.client.send('GET', pathOf(aegisAlertOpsRules, 'default', 'contested'));
    expect((body as unknown as { spec: object }).spec).toMatchObject({ priority: 1 });
  });
});

describe('kubectl wait', () => {
  it('kubectl wait returns when a condition is set', async () => {
    const name = 'awaited';
    const { object } = oneOfEachKind.find(({ resource }) => resource.kind === 'AegisAlert')!;
    const alert = { ...object, metadata: { name, namespace: 'default' } };
    await cluster.kubectl(['create', '--filename=-'], JSON.stringify(alert));
    const waiting = cluster.kubectl(['wait', '--for=condition=Triggered', `aegisalert/${name}`, '--timeout=60s']);
    const { apiVersion, kind } = object;
    const conditions = [
      { type: 'Triggered', status: 'True', reason: 'Triggered', lastTransitionTime: '2026-01-02T12:00:00Z' },
    ];
    await applied(`${pathOf(aegisAlerts, 'default', name)}/status`, 'worker', {
      apiVersion,
      kind,
      metadata: { name },
      status: { conditions },
    });
    expect(await waiting).toBe(`aegisalert.aegis.io/${name} condition met\n`);
  });
});

describe('a status', () => {
  it.each(oneOfEachKind.map((one) => [one.resource.kind, one] as const))(
    'a change of the status of %s leaves the generation unchanged',
    async (_, { resource, object }) => {
      const path = pathOf(resource, 'default', object.metadata.name);
      const before = (await cluster.client.send('GET', path)).body;
      const status = { conditions: [{ type: 'Seen', status: 'True', reason: 'Seen', lastTransitionTime: created }] };
      const patch = 'application/merge-patch+json';
      const after = await cluster.client.send('PATCH', `${path}/status`, { status, spec: {} }, patch);
      expect([after.status, after.body.message]).toEqual([200, undefined]);
      expect(after.body.metadata.generation).toBe(before.metadata.generation);
      expect(after.body.metadata.resourceVersion).not.toBe(before.metadata.resourceVersion);
    },
  );
});

const created = '2026-01-02T12:00:00Z';
