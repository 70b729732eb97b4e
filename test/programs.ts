import { relative, sep } from 'node:path';
import { ensureAlertmanager } from '../devcluster/binaries/redis-server.ts';
import type { Log } from '../devcluster/log.ts';
import { canRunRealNode } from '../devcluster/node/index.ts';
import { ensurePrograms } from '../devcluster/programs.ts';

/** The servers that a run of tests starts: none, a control plane with Argo, Redis and Alertmanager, or real nodes too. */
export type Servers = 'none' | 'control plane' | 'nodes';

const foldersWithNodes = ['devcluster', 'example', 'pods', 'toolkit'];

/** Returns the servers that these test files need. Unit tests lie outside of the folders of `test/` and need none. */
export function serversOf(files: readonly string[], root: string): Servers {
  const paths = files.map((file) => relative(root, file).split(sep));
  const folders = paths.filter(([first, , ...rest]) => first === 'test' && rest.length > 0).map(([, folder]) => folder);
  if (folders.some((folder) => foldersWithNodes.includes(folder ?? ''))) return 'nodes';
  return folders.length === 0 ? 'none' : 'control plane';
}

/**
 * Builds or fetches every program that these servers consist of. It takes a quarter of an hour on a new machine, which
 * no time limit of a test allows for; on any other it takes a moment.
 */
export async function ensureServers(servers: Servers, env: NodeJS.ProcessEnv, log: Log): Promise<void> {
  if (servers === 'none') return;
  const nodes = servers === 'nodes' && canRunRealNode().ok ? 'real' : 'none';
  await ensureAlertmanager(env, log);
  await ensurePrograms({ nodes, argo: { strictCrds: true }, redis: true }, env, log);
}
