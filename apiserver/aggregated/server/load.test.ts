import { connect } from 'node:tls';
import { describe, expect, it } from '@jest/globals';
import { asUser, serverName } from '../../../test/aggregated/support/client.ts';
import { openApi, type Api } from '../../../test/aggregated/support/in-process.ts';
import { echo, echoTable } from '../../../test/aggregated/support/tables.ts';
import { createConcurrency } from './limits.ts';
import { createRoutes } from './routes.ts';

const base = '/apis/subresources.aegis.io/v1alpha1/namespaces/ns/aegisalerts';

describe('requests beyond the limits', () => {
  it('requests beyond the limits of one user or of all are rejected, while discovery is served', async () => {
    const busy = await openApi({ ports: { concurrency: createConcurrency({ all: 2, perUser: 1 }) } });
    try {
      const stuck = (user: string) => busy.send({ path: `${base}/x/stuck`, headers: asUser(user) });
      const underWay = [stuck('a')];
      await untilInFlight(busy, 1);
      expect(await stuck('a')).toMatchObject({
        status: 429,
        headers: { 'retry-after': '1' },
        json: { kind: 'Status' },
      });
      underWay.push(stuck('b'));
      await untilInFlight(busy, 2);
      expect(await stuck('c')).toMatchObject({ status: 429, json: { reason: 'TooManyRequests' } });
      expect(await busy.send({ path: '/apis', headers: asUser('a') })).toMatchObject({ status: 200 });
      expect((await Promise.all(underWay)).map(({ status }) => status)).toEqual([504, 504]);
      expect(await busy.send({ path: `${base}/x/inspect`, headers: asUser('a') })).toMatchObject({ status: 200 });
    } finally {
      await busy.close();
    }
  });
});

describe('a caller that closes the connection', () => {
  it('a caller that disconnects aborts the work of its request', async () => {
    const { promise: aborted, resolve } = Promise.withResolvers<string>();
    const routes = createRoutes([
      {
        ...echoTable()[0]!,
        subresources: [
          {
            name: 'inspect',
            kind: 'Echo',
            get: echo([], {
              handle: ({ signal }) => {
                signal.addEventListener('abort', () => {
                  resolve((signal.reason as Error).name);
                });
                socket.destroy();
                return new Promise(() => undefined);
              },
            }),
          },
        ],
      },
    ]);
    const left = await openApi({ ports: { routes } });
    const { port, serverCa } = left.client;
    const socket = connect({ host: '127.0.0.1', port, servername: serverName, ca: serverCa, ...left.identity }, () => {
      socket.write(`GET ${base}/x/inspect HTTP/1.1\r\nHost: x\r\nX-Remote-User: a\r\n\r\n`);
    });
    try {
      expect(await aborted).toBe('CallerGoneError');
    } finally {
      await left.close();
    }
    expect(left.lines.find(({ msg }) => msg === 'Request')).toMatchObject({ code: 499 });
  });
});

describe('a server that shuts down', () => {
  it('new requests are rejected during shutdown, and requests under way are finished', async () => {
    const ending = await openApi();
    const underWay = ending.send({ path: `${base}/x/stuck`, headers: asUser('alice') });
    try {
      await untilInFlight(ending, 1);
      ending.state.draining = true;
      const answer = await ending.send({ path: `${base}/x/inspect`, headers: asUser('alice') });
      expect(answer).toMatchObject({
        status: 503,
        headers: { 'retry-after': '1', connection: 'close' },
        json: { kind: 'Status', reason: 'ServiceUnavailable' },
      });
      expect(await ending.send({ path: '/livez' })).toMatchObject({ status: 200 });
    } finally {
      await ending.close();
    }
    expect((await underWay).status).toBe(504);
  });
});

async function untilInFlight(busy: Api, count: number): Promise<void> {
  while (busy.calls.length + busy.questions.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
  await new Promise((resolve) => setTimeout(resolve, 20));
}
