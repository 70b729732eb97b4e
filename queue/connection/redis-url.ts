import { z } from 'zod';

/** The parts of a Redis URL. */
export interface RedisAddress {
  readonly mode: 'single' | 'sentinel' | 'cluster';
  readonly tls: boolean;
  /** The server, the sentinels, or some nodes of the cluster. */
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  /** Name of the master, as configured in the sentinels. */
  readonly masterName?: string;
  readonly username?: string;
  readonly password?: string;
  readonly db: number;
}

const form =
  /^redis(?<tls>s)?(?:\+(?<mode>sentinel|cluster))?:\/\/(?:(?<user>[^@/]*)@)?(?<hosts>[^@/?#]+)(?<path>\/[^?#]*)?$/;
const plainPath = /^\/?(?<db>\d{0,4})$/;
const sentinelPath = /^\/(?<master>[^/]+)\/?(?<db>\d{0,4})$/;
const hostForm = /^(?:\[(?<bracketed>[0-9a-fA-F:.]+)\]|(?<plain>[^\s:[\]]+))(?::(?<port>\d{1,5}))?$/;
const defaultPorts = { single: 6379, cluster: 6379, sentinel: 26_379 };

const problem =
  'must be redis://host:6379/0, redis+sentinel://host1,host2/<master name>/0 or redis+cluster://host1,host2 (rediss for TLS)';

/** Returns the schema of a Redis URL. Its error messages do not repeat the URL, which may contain a password. */
export function redisUrl() {
  return z.string().refine((url) => parseRedisUrl(url) !== undefined, problem);
}

/**
 * Reads `redis://[user:password@]host[:port][/db]`, with `rediss` for TLS, `redis+sentinel://host,host/<master>[/db]` and
 * `redis+cluster://host,host`. User and password are percent-encoded. Returns undefined for any other text.
 */
export function parseRedisUrl(url: string): RedisAddress | undefined {
  const parts = form.exec(url)?.groups;
  if (parts === undefined) return undefined;
  const mode = z.enum(['sentinel', 'cluster']).safeParse(parts['mode']).data ?? 'single';
  const hosts = parseHosts(parts['hosts'] ?? '', mode);
  const place = (mode === 'sentinel' ? sentinelPath : plainPath).exec(parts['path'] ?? '')?.groups;
  if (place === undefined || hosts === undefined) return undefined;
  return {
    mode,
    tls: parts['tls'] !== undefined,
    hosts,
    ...(place['master'] === undefined ? {} : { masterName: place['master'] }),
    ...parseUserInfo(parts['user'] ?? ''),
    db: Number(place['db']),
  };
}

function parseHosts(text: string, mode: RedisAddress['mode']): RedisAddress['hosts'] | undefined {
  const hosts = text.split(',').map((host) => parseHost(host, defaultPorts[mode]));
  const known = hosts.filter((host) => host !== undefined);
  return known.length < hosts.length || (mode === 'single' && hosts.length > 1) ? undefined : known;
}

function parseHost(text: string, defaultPort: number) {
  const { bracketed, plain, port } = hostForm.exec(text)?.groups ?? {};
  const host = bracketed ?? plain;
  return host === undefined ? undefined : { host, port: port === undefined ? defaultPort : Number(port) };
}

/** Reads `user:password`, `:password` or the common short form `password`. */
function parseUserInfo(userInfo: string): { username?: string; password?: string } {
  const separator = userInfo.indexOf(':');
  const [user, password] =
    separator < 0 ? ['', userInfo] : [userInfo.slice(0, separator), userInfo.slice(separator + 1)];
  return {
    ...(user === '' ? {} : { username: decode(user) }),
    ...(password === '' ? {} : { password: decode(password) }),
  };
}

/** Returns a password with a bare percent sign unchanged. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
