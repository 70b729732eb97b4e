import { readFileSync } from 'node:fs';
import { Pool } from 'undici';
import { NAMESPACE } from '../../devcluster/start/aegis.ts';
import type { Harness } from '../harness/aegis.ts';

const name = 'bench-reader';

/** A user with a token who may read everything of Aegis: an administrator's requests would need no access review. */
export interface Reader {
  /** Takes the bytes of an answer and makes nothing of them: what the reader does itself is measured as well. */
  read(path: string): Promise<void>;
  close(): Promise<void>;
}

export async function connectReader({ cluster }: Harness): Promise<Reader> {
  const { kubectl } = cluster;
  await kubectl(['create', 'serviceaccount', name, '-n', NAMESPACE]);
  await kubectl([
    ...['create', 'rolebinding', name, '-n', NAMESPACE],
    ...['--clusterrole=aegis-view', `--serviceaccount=${NAMESPACE}:${name}`],
  ]);
  const token = (await kubectl(['create', 'token', name, '-n', NAMESPACE, '--duration=24h'])).trim();
  const pool = new Pool(cluster.server, { connect: { ca: readFileSync(cluster.pki.cluster.certFile) } });
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json' };
  return { read: (path) => take(pool, path, headers), close: () => pool.close() };
}

/** One GET without anything in between; rejects unless it is answered with 200, in full. */
function take(pool: Pool, path: string, headers: Record<string, string>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  let status = 0;
  pool.dispatch(
    { method: 'GET', path, headers },
    {
      onRequestStart: () => undefined,
      onResponseStart: (_, code) => {
        status = code;
      },
      onResponseData: () => undefined,
      onResponseEnd: () => {
        if (status === 200) resolve(undefined);
        else reject(new Error(`${path} was answered with ${status}`));
      },
      onResponseError: (_, error) => {
        reject(error);
      },
    },
  );
  return promise;
}
