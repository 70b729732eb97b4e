import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { alertKey, createTestQueue, type TestQueue } from './support/test-queue.ts';
import { until } from './support/eventually.ts';
import { startRedisServer, type RedisServer } from './support/redis-server.ts';
import { createSecrets, tlsSettings, type Secrets } from './support/secrets.ts';

let secrets: Secrets;
let server: RedisServer;
let queue: TestQueue;
let passwordFile: string;

beforeAll(async () => {
  secrets = await createSecrets();
  const { password, caFile } = secrets;
  passwordFile = await secrets.file('password', password);
  const client = { password, tls: { ca: readFileSync(caFile) } };
  server = await startRedisServer([...tlsSettings(secrets), ['requirepass', password]], { client });
}, 120_000);

afterAll(async () => {
  await server.stop();
  await secrets.remove();
});

afterEach(async () => {
  expect(queue.logged()).not.toContain(secrets.password);
  await queue.close();
});

const unknownIssuer: unknown = expect.stringMatching(/^(UNABLE_TO_|SELF_SIGNED_CERT_IN_CHAIN)/);

/** Waits until the worker has complained; answers its first complaint. */
async function complaint(): Promise<unknown> {
  const find = () => queue.logged().match(/^.*Redis connection failed.*$/m)?.[0];
  await until(() => find() !== undefined);
  return JSON.parse(find() ?? '');
}

async function whyNotReady(): Promise<string> {
  await queue.redis.tick();
  try {
    await queue.redis.check.check();
    return '';
  } catch (error) {
    return String(error);
  }
}

async function runs(name: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  await queue.work(() => {
    resolve(undefined);
    return Promise.resolve(undefined);
  });
  await queue.ready();
  await queue.producer.enqueue([alertKey(name)], 'change');
  await promise;
}

describe('a Redis behind TLS with a CA of its own and a password', () => {
  it('a Redis behind TLS is used with a CA and a password from files', async () => {
    expect(server.url).toMatch(/^rediss:/);
    queue = createTestQueue(secrets.config({ ca: secrets.caFile, password: passwordFile }, server.url));
    await runs('a');
    expect(await whyNotReady()).toBe('');
  });

  it('a Redis behind TLS is refused when another CA is expected', async () => {
    queue = createTestQueue(secrets.config({ ca: secrets.otherCaFile, password: passwordFile }, server.url));
    expect(await complaint()).toMatchObject({
      level: 'warn',
      err: { code: unknownIssuer },
    });
    expect(await whyNotReady()).toContain('not connected');
  });

  it('a Redis with a private CA is refused when no CA is configured', async () => {
    queue = createTestQueue(secrets.config({ password: passwordFile }, server.url));
    expect(await complaint()).toMatchObject({ err: { code: unknownIssuer } });
    expect(await whyNotReady()).toContain('not connected');
  });

  it('a Redis behind TLS is never used without TLS', async () => {
    queue = createTestQueue(secrets.config({ password: passwordFile }, server.url.replace('rediss', 'redis')));
    expect(await complaint()).toMatchObject({ level: 'warn' });
    expect(await whyNotReady()).toContain('not connected');
  });

  it('a wrong Redis password is reported, and the queue runs as soon as it is right', async () => {
    const wrong = 'not-the-password-that-it-asks-for';
    const file = await secrets.file('wrong', wrong);
    queue = createTestQueue(secrets.config({ ca: secrets.caFile, password: file }, server.url));
    expect(await complaint()).toMatchObject({ err: { message: expect.stringMatching(/WRONGPASS|NOAUTH/) } });
    expect(await whyNotReady()).not.toBe('');
    expect(queue.logged()).not.toContain(wrong);
    await server.client.config('SET', 'requirepass', wrong);
    try {
      await runs('b');
    } finally {
      await server.client.config('SET', 'requirepass', secrets.password);
    }
  });
});
