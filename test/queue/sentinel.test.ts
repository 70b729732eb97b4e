import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createBench, type Bench } from './support/bench.ts';
import { until } from './support/eventually.ts';
import { createFakeSource } from './support/fake-source.ts';
import { createSecrets, type Secrets } from './support/secrets.ts';
import { startSentinels, type SentinelWorld } from './support/sentinels.ts';

let secrets: Secrets;

beforeAll(async () => {
  secrets = await createSecrets();
}, 120_000);

afterAll(async () => {
  await secrets.remove();
});

describe.each(['without TLS', 'with TLS'])('a master that sentinels watch, %s', (how) => {
  let world: SentinelWorld;
  let bench: Bench;

  beforeEach(async () => {
    const tls = how === 'with TLS';
    world = await startSentinels(secrets, tls ? { ca: readFileSync(secrets.caFile) } : undefined);
    const flags = {
      password: await secrets.file('password', secrets.password),
      'sentinel-password': await secrets.file('sentinel-password', secrets.sentinelPassword),
      ...(tls && { ca: secrets.caFile }),
    };
    bench = createBench(secrets.config(flags, world.url));
  }, 60_000);

  afterEach(async () => {
    await bench.close();
    await world.stop();
  });

  it('a worker continues on the replica when a master that sentinels watch is killed', async () => {
    const { master, replica, roleOf } = world;
    const things = createFakeSource();
    const loop = bench.createLoop({ sources: [things] });
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

    await bench.work(({ name }) => {
      runs.add(name);
      return Promise.resolve(undefined);
    });
    loop.startLeading();
    await tickUntil(() => bench.redis.answers());
    const making = setInterval(make, 5);
    try {
      await tickUntil(() => runs.size > 20);
      await master.kill();
      await tickUntil(() => !bench.redis.answers());
      await tickUntil(async () => (await roleOf(replica)) === 'master');
      await tickUntil(() => bench.redis.answers());
    } finally {
      clearInterval(making);
    }
    await tickUntil(() => runs.size === made.length);
    expect(bench.redis.check.check()).toBeUndefined();

    // The old master comes back as the replica of the new one, without an effect on clients.
    await master.start();
    await tickUntil(async () => (await roleOf(master)) === 'slave');
    make();
    await tickUntil(() => runs.size === made.length);

    expect(bench.logged()).toContain('Redis connection failed');
    for (const secret of [secrets.password, secrets.sentinelPassword]) expect(bench.logged()).not.toContain(secret);
  });
});

it('a wrong password of the sentinels is reported without showing it', async () => {
  const world = await startSentinels(secrets, undefined);
  const wrong = 'not-what-the-sentinels-ask-for';
  const flags = {
    password: await secrets.file('password', secrets.password),
    'sentinel-password': await secrets.file('wrong', wrong),
  };
  const bench = createBench(secrets.config(flags, world.url));
  try {
    await until(() => bench.logged().includes('WRONGPASS'));
    await bench.redis.tick();
    expect(() => bench.redis.check.check()).toThrow('not connected');
    for (const secret of [secrets.password, wrong]) expect(bench.logged()).not.toContain(secret);
  } finally {
    await bench.close();
    await world.stop();
  }
});
