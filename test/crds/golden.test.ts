import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseObject } from '../../crds/parse.ts';
import { pathOf, type Answer } from './api-client.ts';
import { startCrdCluster, type CrdCluster } from './cluster.ts';
import { readGolden, type GoldenObject } from './golden.ts';

const good = readGolden('good');
const bad = readGolden('bad');

let cluster: CrdCluster;

beforeAll(async () => {
  cluster = await startCrdCluster();
  const namespaces = new Set([...good, ...bad].map(({ object }) => object.metadata.namespace ?? 'default'));
  for (const name of namespaces) {
    if (name !== 'default') await cluster.kubectl(['create', 'namespace', name]);
  }
}, 900_000);

afterAll(async () => {
  await cluster.stop();
}, 60_000);

const dryRun = 'dryRun=All&fieldValidation=Strict';

/**
 * Returns the answer of the API server to the creation of the object and, since that drops the status, to a write of
 * the status as well.
 */
async function judge({ type, object }: GoldenObject): Promise<Answer> {
  const { client } = cluster;
  const { namespace, name } = object.metadata;
  const collection = pathOf(type, namespace);
  if (object.status === undefined) return client.send('POST', `${collection}?${dryRun}`, object);
  const created = await client.send('POST', `${collection}?fieldValidation=Strict`, object);
  expect(created).toMatchObject({ status: 201 });
  const path = pathOf(type, namespace, name);
  const answer = await client.send('PUT', `${path}/status?${dryRun}`, {
    ...object,
    metadata: created.body.metadata,
  });
  await client.send('DELETE', path);
  return answer;
}

/** Whether the answer blames that field; the API server calls the object as a whole `<nil>`. */
function blames({ body }: Answer, wanted: string | undefined): boolean {
  const causes = body.details?.causes ?? [];
  return causes.some(
    // A number out of its format's range is reported for the object, with the field's name in the message.
    ({ field, message }) =>
      (field === '<nil>' ? '(root)' : field) === wanted || message.endsWith(` in ${wanted ?? ''}`),
  );
}

describe('a good object', () => {
  it.each(good)('the good object $title is accepted by zod', ({ type, object }) => {
    expect(parseObject(type, object)).toMatchObject({ ok: true });
  });

  it.each(good)('the good object $title is accepted by the API server', async (golden) => {
    const { status, body } = await judge(golden);
    expect({ status, message: body.message }).toEqual({ status: golden.object.status === undefined ? 201 : 200 });
  });
});

describe('a good object and its defaults', () => {
  it.each(good.filter(({ object }) => object.status === undefined))(
    'zod and the API server set the same defaults: $title',
    async (golden) => {
      const { body } = await judge(golden);
      const parsed = parseObject(golden.type, golden.object);
      expect((body as { spec?: unknown }).spec).toEqual(
        parsed.ok ? (parsed.object as { spec?: unknown }).spec : parsed,
      );
    },
  );
});

describe('a bad object', () => {
  it.each(bad)('the bad object $title is refused by zod for $field', ({ type, object, field }) => {
    const result = parseObject(type, object);
    const fields = result.ok ? [] : result.errors.map(({ path }) => (path === '' ? '(root)' : path));
    expect(fields).toEqual([field]);
  });

  it.each(bad)('the bad object $title is refused by the API server for $field', async (golden) => {
    const answer = await judge(golden);
    expect({ status: answer.status, blames: blames(answer, golden.field), body: answer.body }).toMatchObject({
      status: 422,
      blames: true,
    });
  });
});
