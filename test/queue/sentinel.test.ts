import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestQueue, type TestQueue } from './support/test-queue.ts';
import { until } from './support/eventually.ts';
import { createFakeSource } from './support/fake-source.ts';
import { createSecrets, type Secrets } from './support/secrets.ts';
import { startSentinels, type SentinelFixture } from './support/sentinels.ts';

let secrets: Secrets;

beforeAll(async () => {
  secrets = await createSecrets();
}, 120_000);

afterAll(async () => {
  await secrets.remove();
});

describe.each(['without TLS', 'with TLS'])('a master that sentinels watch, %s', (how) => {
  let fixture: SentinelFixture;
  let queue: TestQueue;

  beforeEach(async () => {
    const tls = how === 'with TLS';
    fixture = await startSentinels(secrets, tls ? { ca: readFileSync(secrets.caFile) } : undefined);
    const flags = {
      password: await secrets.file('password', secrets.password),
      'sentinel-password': await secrets.file('sentinel-password', secrets.sentinelPassword),
      ...(tls && { ca: secrets.caFile }),
    };
    queue = createTestQueue(secrets.config(flags, fixture.url));
  }, 60_000);

  afterEach(async () => {
    await queue.close();
    await fixture.stop();
  });

  it('a worker continues on the replica when a master that sentinels watch is killed', async () => {
    const { master, replica, roleOf } = fixture;
    const things = createFakeSource();
    const loop = queue.createLoop({ sources: [things] });
    const runs = new Set<string>();
    const made: string[] = [];
    const make = () => {
      made.push(`thing${made.length}`);
      things.set(made.at(-1) ?? '', true);
    };
    const tickUntil = (condition: () => boolean | Promise<boolean>) =>
      until(async () => {
        await loop.tick();
        return condition();
      });

    await queue.work(({ name }) => {
      runs.add(name);
      return Promise.resolve(undefined);
    });
    loop.startLeading();
    await tickUntil(() => queue.redis.answers());
    const making = setInterval(make, 5);
    try {
      await tickUntil(() => runs.size > 20);
      await master.kill();
      await tickUntil(() => !queue.redis.answers());
      await tickUntil(async () => (await roleOf(replica)) === 'master');
      await tickUntil(() => queue.redis.answers());
    } finally {
      clearInterval(making);
    }
    await tickUntil(() => runs.size === made.length);
    expect(queue.redis.check.check()).toBeUndefined();

    // The old master comes back as the replica of the new one, without an effect on clients.
    await master.start();
    await tickUntil(async () => (await roleOf(master)) === 'slave');
    make();
    await tickUntil(() => runs.size === made.length);

    expect(queue.logged()).toContain('Redis connection failed');
    for (const secret of [secrets.password, secrets.sentinelPassword]) expect(queue.logged()).not.toContain(secret);
  });
});

it('a wrong password of the sentinels is reported without showing it', async () => {
  const fixture = await startSentinels(secrets, undefined);
  const wrong = 'not-what-the-sentinels-ask-for';
  const flags = {
    password: await secrets.file('password', secrets.password),
    'sentinel-password': await secrets.file('wrong', wrong),
  };
  const queue = createTestQueue(secrets.config(flags, fixture.url));
  try {
    await until(() => queue.logged().includes('WRONGPASS'));
    await queue.redis.tick();
    expect(() => queue.redis.check.check()).toThrow('not connected');
    for (const secret of [secrets.password, wrong]) expect(queue.logged()).not.toContain(secret);
  } finally {
    await queue.close();
    await fixture.stop();
  }
});
