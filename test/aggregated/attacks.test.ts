import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { connect, type ConnectionOptions } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../harness/eventually.ts';
import { createAuthority } from './support/certificates.ts';
import { asUser, send, serverName } from './support/client.ts';
import { bind, startApiFixture, type ApiFixture } from './support/api-fixture.ts';

const base = '/apis/subresources.aegis.io/v1alpha1/namespaces/default/aegisalerts';
const inspect = `${base}/x/inspect`;
const trigger = `${base}/x/trigger`;
const root = asUser('root', 'system:masters');

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await startApiFixture();
  const rules = [
    {
      apiGroups: ['subresources.aegis.io'],
      resources: ['aegisalerts/inspect', 'aegisalerts/trigger'],
      verbs: ['get', 'create'],
    },
  ];
  await fixture.admin.request({
    method: 'POST',
    path: '/apis/rbac.authorization.k8s.io/v1/clusterroles',
    body: { metadata: { name: 'operate' }, rules },
  });
  const subjects = [{ kind: 'User', name: 'olga', apiGroup: 'rbac.authorization.k8s.io' }];
  await bind(fixture.admin, 'ClusterRole', 'operate', { name: 'olga', subjects, namespace: 'default' });
  await eventually(
    'the right to be in force',
    async () => (await fixture.send({ path: inspect, headers: asUser('olga') })).status === 200,
  );
}, 180_000);
afterAll(() => fixture.stop(), 60_000);

describe('a client that is not the front proxy', () => {
  it('a client that is not the front proxy gets no answer', async () => {
    const selfSigned = await (await createAuthority('front-proxy-client')).issue({ commonName: 'front-proxy-client' });
    const clusterUser = await fixture.issue(fixture.cluster.pki.cluster, 'test-user', {
      commonName: 'front-proxy-client',
      groups: ['system:masters'],
    });
    for (const [who, identity] of [
      ['nobody', null],
      ['self-signed', selfSigned],
      ['a user', clusterUser],
    ] as const) {
      const answer = fixture.send({ method: 'POST', path: trigger, headers: root }, identity);
      await expect(answer.then(({ status }) => `${who}: ${status}`)).rejects.toThrow();
    }
  });

  it('a client certificate with another name of the same authority is not authenticated', async () => {
    const other = await fixture.issue(fixture.cluster.pki.frontProxy, 'test-other', { commonName: 'other-client' });
    expect(await fixture.send({ path: inspect, headers: root }, other)).toMatchObject({
      status: 401,
      json: { kind: 'Status', reason: 'Unauthorized' },
    });
  });

  it('another client cannot resume the TLS session of the front proxy', async () => {
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const options = {
        host: '127.0.0.1',
        port: fixture.api.port(),
        servername: serverName,
        ca: fixture.serverCa,
        maxVersion,
      };
      const honest = await talk({ ...options, ...fixture.frontProxy });
      expect(honest.text).toContain('200 OK');
      const thief = await talk({ ...options, ...(honest.session === undefined ? {} : { session: honest.session }) });
      expect(thief.text).toBe('');
    }
  });
});

describe('a request through the front proxy', () => {
  it('a proxied user may do what RBAC allows, and is refused with the message of Kubernetes', async () => {
    expect(await fixture.send({ method: 'POST', path: trigger, headers: asUser('olga') })).toMatchObject({
      status: 201,
    });
    const answer = await fixture.send({ method: 'POST', path: trigger, headers: asUser('eve', 'viewers') });
    expect(answer.status).toBe(403);
    expect(answer.json).toMatchObject({
      reason: 'Forbidden',
      message:
        'aegisalerts.subresources.aegis.io "x" is forbidden: User "eve" cannot create resource "aegisalerts/trigger" in API group "subresources.aegis.io" in the namespace "default"',
      details: { name: 'x', group: 'subresources.aegis.io', kind: 'aegisalerts' },
    });
    expect((await fixture.send({ path: inspect.replace('default', 'other'), headers: asUser('olga') })).status).toBe(
      403,
    );
    expect((await fixture.send({ path: `${base}/x/resolve`, method: 'POST', headers: asUser('olga') })).status).toBe(
      403,
    );
  });

  it('a group header with a comma is one group', async () => {
    const headers = asUser('bob', 'team, system:masters');
    expect((await fixture.send({ path: inspect, headers })).status).toBe(403);
    expect((await fixture.send({ path: inspect, headers: asUser('bob', 'team', 'system:masters') })).status).toBe(200);
  });

  it('a proxied user without rights cannot tell which objects exist', async () => {
    const answers = await Promise.all(
      ['x', 'absent'].map((name) => fixture.send({ path: `${base}/${name}/inspect`, headers: asUser('eve') })),
    );
    expect(answers.map(({ status }) => status)).toEqual([403, 403]);
  });

  it.each([
    ['an encoded slash', `${base}/x%2Ftrigger`, 201],
    ['a slash that is encoded twice', `${base}/x%252Ftrigger`, 404],
    ['two slashes', `${base}//x/trigger`, 404],
    ['dots', `${base}/../aegisalerts/x/trigger`, 404],
    ['encoded dots', `${base}/%2e%2e/trigger`, 404],
    ['more segments', `${trigger}/approve`, 404],
    ['a slash at the end', `${trigger}/`, 404],
  ])('a proxied user gets by %s only what RBAC allows', async (_, path, status) => {
    fixture.calls.length = 0;
    expect((await fixture.send({ method: 'POST', path, headers: asUser('olga') })).status).toBe(status);
    expect(fixture.calls.every(({ name, namespace }) => name === 'x' && namespace === 'default')).toBe(true);
  });

  it('a proxied user may be in three thousand groups, which is far more than 25 KB of headers', async () => {
    const groups = Array.from({ length: 3_000 }, (_, index) => `department-${index}`);
    const answer = await fixture.send({ path: inspect, headers: asUser('olga', ...groups) });
    expect(answer.json).toMatchObject({ user: { groups: { length: 3_001 } } });
  });

  it('a request without a content type is accepted, and one that is too large is refused', async () => {
    const post = { method: 'POST', path: trigger, headers: asUser('olga') };
    expect((await fixture.send({ ...post, body: '{"reason":"r"}' })).status).toBe(201);
    expect(await fixture.send({ ...post, body: ' '.repeat(3 * 1024 * 1024 + 1) })).toMatchObject({
      status: 413,
      json: { code: 413 },
    });
  });

  it.each([
    ['the discovery of an aggregator', '/apis', asUser('system:kube-aggregator')],
    ['the health check of an aggregator', '/apis', asUser('system:kube-aggregator', 'system:masters')],
    ['the OpenAPI download of an aggregator', '/apis', asUser('system:aggregator')],
  ])('%s needs no rights for a proxied user', async (_, path, headers) => {
    expect((await fixture.send({ path, headers })).status).toBe(200);
  });
});

describe('changes of the authorities at run time', () => {
  it('a second front-proxy authority is accepted, and refused again when it is gone, on open connections too', async () => {
    const authority = await createAuthority('second-front-proxy-ca');
    const newcomer = await authority.issue({ commonName: 'front-proxy-client' });
    const first = readFileSync(fixture.cluster.pki.frontProxy.certFile, 'utf8');
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const client = { port: fixture.api.port(), serverCa: fixture.serverCa, identity: newcomer, agent };
    const ask = () => send(client, { path: inspect, headers: root });
    try {
      await expect(ask()).rejects.toThrow();
      await publish({ 'requestheader-client-ca-file': `${first}\n${authority.cert}` });
      await eventually('the new authority to count', async () => (await ask()).status === 200);
      await publish({ 'requestheader-client-ca-file': first });
      await eventually('the open connection to be refused', async () => (await ask()).status === 401);
      expect((await fixture.send({ path: inspect, headers: root })).status).toBe(200);
    } finally {
      agent.destroy();
    }
  });

  it('the front-proxy header names are those that are published', async () => {
    await publish({ 'requestheader-username-headers': '["X-My-User"]' });
    try {
      await eventually(
        'the default name to be worth nothing',
        async () => (await fixture.send({ path: inspect, headers: root })).status === 401,
      );
      const headers = ['X-My-User', 'olga', 'X-Remote-User', 'root'];
      expect((await fixture.send({ path: inspect, headers })).json).toMatchObject({ user: { name: 'olga' } });
    } finally {
      await publish({ 'requestheader-username-headers': '["X-Remote-User"]' });
    }
    await eventually(
      'the name to be back',
      async () => (await fixture.send({ path: inspect, headers: root })).status === 200,
    );
  });

  it('a removed right ends soon', async () => {
    const subjects = [{ kind: 'User', name: 'ivan', apiGroup: 'rbac.authorization.k8s.io' }];
    await bind(fixture.admin, 'ClusterRole', 'operate', { name: 'ivan', subjects, namespace: 'default' });
    const ask = () => fixture.send({ path: inspect, headers: asUser('ivan') });
    await eventually('the right to be given', async () => (await ask()).status === 200);
    await fixture.admin.request({
      method: 'DELETE',
      path: '/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings/ivan',
    });
    await eventually('the right to be gone', async () => (await ask()).status === 403);
  });
});

// The last one: it cuts the wire.
describe('an unavailable kube-apiserver', () => {
  it('without kube-apiserver every request is refused except discovery for authenticated users', async () => {
    await fixture.wire.stop();
    const answer = await fixture.send({ path: inspect, headers: asUser('unknown') });
    expect(answer).toMatchObject({ status: 503, json: { kind: 'Status', reason: 'ServiceUnavailable' } });
    expect(answer.headers['retry-after']).toBe('1');
    expect((await fixture.send({ path: '/apis', headers: asUser('unknown') })).status).toBe(200);
    expect((await fixture.send({ path: '/livez' })).status).toBe(200);
  });
});

async function publish(data: Readonly<Record<string, string>>): Promise<void> {
  await fixture.admin.request({
    method: 'PATCH',
    path: '/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication',
    contentType: 'application/merge-patch+json',
    body: { data },
  });
}

/** One request as root, and the session that the server gave for it. */
function talk(options: ConnectionOptions): Promise<{ text: string; session: Buffer | undefined }> {
  const { promise, resolve } = Promise.withResolvers<{ text: string; session: Buffer | undefined }>();
  let session: Buffer | undefined;
  let text = '';
  const socket = connect(options, () => {
    session = socket.getSession();
    socket.write(
      `GET ${inspect} HTTP/1.1\r\nHost: x\r\nX-Remote-User: root\r\nX-Remote-Group: system:masters\r\nConnection: close\r\n\r\n`,
    );
  });
  socket.on('session', (given: Buffer) => (session = given));
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  // A refused handshake shows as an error.
  socket.on('error', () => undefined);
  socket.on('close', () => {
    resolve({ text, session });
  });
  return promise;
}
