import { afterEach, describe, expect, it } from '@jest/globals';

import { json, startFakeApi, status, step, stream, type FakeApi, type Reply } from '../../test/kube/fake-api.ts';
import { thing, things, type Thing } from '../../test/kube/things.ts';
import { createRestClient } from './rest.ts';
import { watch, type WatchEvent } from './watch.ts';

let api: FakeApi | undefined;
afterEach(async () => {
  await api?.stop();
  api = undefined;
});

/** The events of a watch, and the error that ended it. */
async function follow(reply: Reply, idleTimeoutMs = 60_000) {
  api = await startFakeApi([
    step(
      'GET /apis/test.aegis.io/v1/namespaces/ns/things?watch=true&allowWatchBookmarks=true&resourceVersion=5',
      reply,
    ),
  ]);
  const rest = createRestClient(api.connection);
  const seen: WatchEvent<Thing>[] = [];
  try {
    for await (const event of watch(rest, things, { namespace: 'ns', resourceVersion: '5', idleTimeoutMs })) {
      seen.push(event);
    }
    return { seen, error: undefined };
  } catch (error) {
    return { seen, error };
  }
}

const added = { type: 'ADDED', object: thing('ä', '6') };
const bookmark = { type: 'BOOKMARK', object: { metadata: { resourceVersion: '9' } } };

describe('a watch', () => {
  it('a watch yields changes and bookmarks until the API server ends it', async () => {
    const modified = { type: 'MODIFIED', object: thing('a', '7') };
    const deleted = { type: 'DELETED', object: thing('a', '8') };
    const { seen, error } = await follow(stream([added, modified, deleted, bookmark], 'end'));
    expect(error).toBeUndefined();
    expect(seen).toEqual([added, modified, deleted, { type: 'BOOKMARK', resourceVersion: '9' }]);
  });

  it('a watch joins events that arrive in pieces, also within a character', async () => {
    const bytes = Buffer.from(`${JSON.stringify(added)}\n`);
    const middle = bytes.indexOf('ä') + 1;
    const { seen } = await follow((response) => {
      response.writeHead(200);
      response.write(bytes.subarray(0, middle));
      setTimeout(() => response.end(bytes.subarray(middle)), 10);
    });
    expect(seen).toEqual([added]);
  });

  it('a watch throws an ERROR event with its status', async () => {
    const gone = { type: 'ERROR', object: status(410, 'Expired', 'too old') };
    const { seen, error } = await follow(stream([added, gone], 'end'));
    expect(seen).toEqual([added]);
    expect(error).toMatchObject({ status: 410, reason: 'Expired', message: 'too old' });
  });

  it('a watch that is refused throws the status', async () => {
    const { error } = await follow(json(410, status(410, 'Expired')));
    expect(error).toMatchObject({ status: 410, reason: 'Expired' });
  });

  it.each([
    ['no JSON'],
    ['null'],
    ['{"type":"ADDED"}'],
    ['{"type":"BOOKMARK","object":{"metadata":{}}}'],
    ['{"type":"NEW"}'],
  ])('a watch throws on the line %s, after the events before it', async (line) => {
    const { seen, error } = await follow(stream([added, `${line}\n`], 'end'));
    expect(seen).toEqual([added]);
    expect(error).toMatchObject({ reason: 'InvalidAnswer', retry: { kind: 'retryable' } });
  });

  it('a watch throws when the connection breaks in the middle of a line', async () => {
    const { seen, error } = await follow(stream([added, '{"type":"MODI'], 'break off'));
    expect(seen).toEqual([added]);
    expect(error).toMatchObject({ reason: 'NoAnswer', retry: { kind: 'retryable' } });
  });

  it('a watch throws when it receives no data for too long', async () => {
    const { seen, error } = await follow(stream([added], 'stay open'), 50);
    expect(seen).toEqual([added]);
    expect(error).toMatchObject({ reason: 'Idle' });
  });
});
