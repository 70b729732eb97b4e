import { until } from './eventually.ts';
import { startRedisServer, type RedisServer, type ServerKind, type Settings } from './redis-server.ts';
import { tlsSettings, type Secrets } from './secrets.ts';

/** A master, its replica and three sentinels who agree on what to do when the master dies. */
export interface SentinelFixture {
  /** `redis+sentinel://`, with all sentinels. */
  readonly url: string;
  /** The master at the start. */
  readonly master: RedisServer;
  readonly replica: RedisServer;
  /** `master` or `slave`, as the server itself says. */
  roleOf: (server: RedisServer) => Promise<unknown>;
  stop(): Promise<void>;
}

/** All servers ask for passwords, the sentinels for another one. @param tls whether all speak TLS, also to each other */
export async function startSentinels(secrets: Secrets, tls: { ca: Buffer } | undefined): Promise<SentinelFixture> {
  const { password, sentinelPassword } = secrets;
  const common: Settings = tls === undefined ? [] : [...tlsSettings(secrets), ['tls-replication', 'yes']];
  const kind = (ofKind: string): ServerKind => ({ client: { password: ofKind, ...(tls && { tls }) } });
  const data: Settings = [...common, ['requirepass', password], ['masterauth', password]];
  const master = await startRedisServer(data, kind(password));
  const replica = await startRedisServer([...data, ['replicaof', `127.0.0.1 ${master.port}`]], kind(password));
  const watching: Settings = [
    ...common,
    ['requirepass', sentinelPassword],
    ['sentinel sentinel-pass', sentinelPassword],
    ['sentinel monitor', `main 127.0.0.1 ${master.port} 2`],
    ['sentinel auth-pass', `main ${password}`],
    ['sentinel down-after-milliseconds', 'main 500'],
    ['sentinel failover-timeout', 'main 2000'],
  ];
  const start = () => startRedisServer(watching, { ...kind(sentinelPassword), sentinel: true });
  const sentinels = [await start(), await start(), await start()];
  for (const { client } of sentinels) await until(() => knowsAll(client));
  const roleOf = async ({ client }: RedisServer) => ((await client.call('ROLE')) as unknown[])[0];
  return {
    url: `redis${tls ? 's' : ''}+sentinel://${sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')}/main`,
    master,
    replica,
    roleOf,
    stop: async () => {
      await Promise.all([...sentinels, replica, master].map((server) => server.stop()));
    },
  };
}

/** Whether a sentinel knows the replica and the two others. */
async function knowsAll(client: RedisServer['client']): Promise<boolean> {
  const flat = (await client.call('SENTINEL', 'MASTER', 'main')) as string[];
  const field = (name: string): string => flat[flat.indexOf(name) + 1] ?? '';
  return field('num-slaves') === '1' && field('num-other-sentinels') === '2';
}
