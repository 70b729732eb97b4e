import { Agent } from 'node:https';
import { connect, getCACertificates, setDefaultCACertificates, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { clientAuth, createAuthority, serverAuth, type Issued } from '../../test/aggregated/support/certificates.ts';
import { asUser, send, serverName } from '../../test/aggregated/support/client.ts';
import { configData, openApi, type Api } from '../../test/aggregated/support/in-process.ts';
import type { ServingCertificate } from '../../apiservice/certificates/certificate.ts';
import { createSecureServer } from './tls-server.ts';

const inspect = {
  path: '/apis/subresources.aegis.io/v1alpha1/namespaces/ns/aegisalerts/x/inspect',
  headers: asUser('admin', 'system:masters'),
};

let cleanUp: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const step of cleanUp.reverse()) await step();
  cleanUp = [];
});

async function open(options: Parameters<typeof openApi>[0] = {}): Promise<Api> {
  const api = await openApi(options);
  cleanUp.push(() => api.close());
  return api;
}

describe('a client that is not the front proxy', () => {
  it('a client without a certificate of the front proxy fails the handshake', async () => {
    const api = await open();
    const selfSigned = await createAuthority('front-proxy-client');
    const strangers: [string, Issued | undefined][] = [
      ['without certificate', undefined],
      ['self-signed with the right name', await selfSigned.issue({ commonName: 'front-proxy-client' })],
      ['a user of the cluster', await api.serving.issue({ commonName: 'front-proxy-client', usages: [clientAuth] })],
      ['expired', await api.frontProxy.issue({ commonName: 'front-proxy-client', fromDays: -2, toDays: -1 })],
      ['not for clients', await api.frontProxy.issue({ commonName: 'front-proxy-client', usages: [serverAuth] })],
    ];
    for (const [who, identity] of strangers) {
      const answer = send({ ...api.client, ...(identity === undefined ? {} : { identity }) }, inspect);
      await expect(answer.then(({ status }) => `${who}: ${status}`)).rejects.toThrow();
    }
    expect(api.calls).toEqual([]);
    expect((await api.send(inspect)).status).toBe(200);
  });

  it('a client with another certificate that passes the handshake gets 401', async () => {
    const api = await open();
    const others = [
      { commonName: 'other-client' },
      { commonName: 'front-proxy-client.evil' },
      // OpenSSL takes no usage for any.
      { commonName: 'front-proxy-client', usages: [] },
    ];
    for (const wanted of others) {
      const answer = await api.send(inspect, await api.frontProxy.issue(wanted));
      expect(answer).toMatchObject({ status: 401, json: { kind: 'Status' } });
    }
    expect(api.calls).toEqual([]);
  });

  it('any name of the authority is accepted where the cluster configures no names', async () => {
    const api = await open({ config: { 'requestheader-allowed-names': '[]' } });
    expect((await api.send(inspect, await api.frontProxy.issue({ commonName: 'other' }))).status).toBe(200);
  });

  it('a client cannot resume the TLS session of another client', async () => {
    const api = await open();
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const options: ConnectionOptions = {
        host: '127.0.0.1',
        port: api.client.port,
        servername: serverName,
        ca: api.serving.cert,
        maxVersion,
      };
      const session = await sessionOf({ ...options, ...api.identity });
      const stolen = roundTrip({ ...options, ...(session === undefined ? {} : { session }) });
      await expect(stolen).rejects.toThrow();
      await expect(roundTrip({ ...options, ...api.identity })).resolves.toContain('HTTP/1.1 200');
    }
    expect(await protocolOf(api)).toBe('http/1.1');
  });
});

describe('a certificate of an intermediate authority', () => {
  it('a certificate of an intermediate authority is accepted only when the intermediate is published', async () => {
    const api = await open();
    const intermediate = await api.frontProxy.intermediate('front-proxy-intermediate');
    const leaf = await intermediate.issue({ commonName: 'front-proxy-client' });
    const both = { ...leaf, cert: `${leaf.cert}\n${intermediate.cert}` };
    expect((await api.send(inspect, both)).status).toBe(401);
    api.holder.set(configData(`${api.frontProxy.cert}\n${intermediate.cert}`));
    expect((await api.send(inspect, both)).status).toBe(200);
    expect((await api.send(inspect, leaf)).status).toBe(200);
  });
});

describe('a change of the authorities', () => {
  it('a change of the authorities takes effect at once, on open connections as well', async () => {
    const api = await open();
    const next = await createAuthority('next-front-proxy-ca');
    const newcomer = await next.issue({ commonName: 'front-proxy-client' });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    cleanUp.push(() => {
      agent.destroy();
    });
    const overOpenConnection = () => send({ ...api.client, identity: api.identity, agent }, inspect);
    expect((await overOpenConnection()).status).toBe(200);
    await expect(api.send(inspect, newcomer)).rejects.toThrow();

    api.holder.set(configData(`${api.frontProxy.cert}\n${next.cert}`));
    expect((await api.send(inspect, newcomer)).status).toBe(200);
    expect((await overOpenConnection()).status).toBe(200);

    api.holder.set(configData(next.cert));
    expect((await overOpenConnection()).status).toBe(401);
    await expect(api.send(inspect)).rejects.toThrow();
    expect((await api.send(inspect, newcomer)).status).toBe(200);
  });

  it('without authorities no client passes the handshake, and open connections get an error', async () => {
    const api = await open();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    cleanUp.push(() => {
      agent.destroy();
    });
    const overOpenConnection = () => send({ ...api.client, identity: api.identity, agent }, inspect);
    expect((await overOpenConnection()).status).toBe(200);
    for (const data of [undefined, {}, configData('no certificate')]) {
      api.holder.set(data);
      expect(await overOpenConnection()).toMatchObject({ status: 503, json: { kind: 'Status' } });
      await expect(api.send(inspect)).rejects.toThrow();
      expect(() => api.holder.loaded.check()).toThrow('extension-apiserver-authentication');
    }
    api.holder.set(configData(api.frontProxy.cert));
    expect((await api.send(inspect)).status).toBe(200);
  });
});

describe('an authority that Node trusts by itself', () => {
  it('an authority that Node trusts by default is never accepted', async () => {
    const api = await open({ config: { 'requestheader-allowed-names': '[]' } });
    const publicAuthority = await createAuthority('public');
    const stranger = await publicAuthority.issue({ commonName: 'front-proxy-client' });
    const before = getCACertificates('default');
    // Only contexts that are made from now on know it.
    setDefaultCACertificates([...before, publicAuthority.cert]);
    try {
      for (const data of [configData(api.frontProxy.cert), undefined, configData('no certificate')]) {
        api.holder.set(data);
        await expect(api.send(inspect, stranger)).rejects.toThrow();
      }
      expect(api.calls).toEqual([]);
    } finally {
      setDefaultCACertificates(before);
    }
  });
});

describe('header names of the cluster', () => {
  it('only the published header names are used', async () => {
    const api = await open({
      config: {
        'requestheader-username-headers': '["X-My-User"]',
        'requestheader-group-headers': '["X-My-Group"]',
        'requestheader-extra-headers-prefix': '["X-My-Extra-"]',
      },
    });
    expect((await api.send(inspect)).status).toBe(401);
    const headers = ['X-My-User', 'u', 'X-My-Group', 'g', 'X-Remote-Group', 'system:masters', 'X-Remote-User', 'root'];
    expect((await api.send({ ...inspect, headers })).json).toMatchObject({
      user: { name: 'u', groups: ['g', 'system:authenticated'], extra: {} },
    });
  });
});

describe('the serving certificate', () => {
  it('the serving certificate may arrive late and change, and an invalid one is ignored', async () => {
    const authority = await createAuthority('serving');
    const held: { pair: ServingCertificate | undefined; listeners: Set<() => void> } = {
      pair: undefined,
      listeners: new Set(),
    };
    const lines: string[] = [];
    const server = createSecureServer({
      name: 'late',
      port: 0,
      host: '127.0.0.1',
      certificates: {
        current: () => held.pair,
        onChange: (listener) => {
          held.listeners.add(listener);
          return () => held.listeners.delete(listener);
        },
      },
      listener: (_, response) => response.end('{}'),
      bodyOf: ({ reason }) => ({ reason }),
      drainMs: 100,
      logger: pino({ level: 'info' }, { write: (line: string) => void lines.push(line) }),
    });
    await server.start(() => undefined);
    cleanUp.push(() => server.stop());
    const ask = () => send({ port: server.port(), serverCa: authority.cert }, { path: '/' });
    const use = (pair: ServingCertificate) => {
      held.pair = pair;
      for (const listener of held.listeners) listener();
    };
    await expect(ask()).rejects.toThrow();

    const [first, second] = await Promise.all(
      ['a', 'b'].map((commonName) => authority.issue({ commonName, hosts: [serverName] })),
    );
    use({ certificate: first!.cert, key: first!.key });
    expect((await ask()).status).toBe(200);
    use({ certificate: first!.cert, key: second!.key });
    expect((await ask()).status).toBe(200);
    expect(lines.join('')).toContain('keeping the previous one');
    expect(lines.join('')).not.toContain('PRIVATE KEY');
    use({ certificate: second!.cert, key: second!.key });
    expect((await ask()).status).toBe(200);
    await server.stop();
    expect(held.listeners.size).toBe(0);
    cleanUp.pop();
  });
});

/** A session that a client could resume; undefined when the server gives none. */
function sessionOf(options: ConnectionOptions): Promise<Buffer | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer | undefined>();
  let session: Buffer | undefined;
  const socket = connect(options, () => {
    session = socket.getSession();
    socket.write('GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  });
  socket.on('session', (given: Buffer) => (session = given));
  socket.on('error', reject);
  socket.resume().on('close', () => {
    resolve(session);
  });
  return promise;
}

/** Returns the answer of the server to a request of an administrator. */
function roundTrip(options: ConnectionOptions): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let text = '';
  const socket: TLSSocket = connect(options, () => {
    const headers = 'Host: x\r\nX-Remote-User: root\r\nX-Remote-Group: system:masters\r\nConnection: close';
    socket.write(`GET ${inspect.path} HTTP/1.1\r\n${headers}\r\n\r\n`);
  });
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  socket.on('error', reject);
  socket.on('close', () => {
    if (text === '') reject(new Error('closed without an answer'));
    else resolve(text);
  });
  return promise;
}

function protocolOf(api: Api): Promise<string | false | null> {
  const { promise, resolve, reject } = Promise.withResolvers<string | false | null>();
  const { port, serverCa: ca } = api.client;
  const options = { host: '127.0.0.1', port, servername: serverName, ca, ...api.identity };
  const socket = connect({ ...options, ALPNProtocols: ['h2', 'http/1.1'] }, () => {
    resolve(socket.alpnProtocol);
    socket.destroy();
  });
  socket.on('error', reject);
  return promise;
}
