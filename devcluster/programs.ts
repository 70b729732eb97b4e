import { cacheRoot } from './binaries/cache.ts';
import { unpackDebianPackages, type DebianRoot } from './binaries/debian.ts';
import {
  ensureArgoManifests,
  ensureBinaries,
  ensureStrictArgoManifests,
  type ArgoManifests,
  type Binaries,
} from './binaries/ensure.ts';
import { ensureRedisServer, type UnpackedProgram } from './binaries/redis-server.ts';
import type { BinaryName } from './binaries/tools.ts';
import type { Log } from './log.ts';
import { NODE_PACKAGES } from './node/index.ts';
import type { Nodes } from './nodes.ts';

/** Whether to run Argo Workflows, and whether the API server refuses what is no Workflow as to its schema. */
export type ArgoWanted = boolean | { strictCrds: boolean };

/** The options of a cluster that determine its programs. */
export interface Wanted {
  nodes: Nodes;
  argo: ArgoWanted;
  redis: boolean;
}

type Always = 'etcd' | 'kube-apiserver' | 'kubectl' | 'kube-controller-manager';

/** All programs and files that a cluster is made of. */
export interface Programs {
  binaries: Binaries<Always> & Partial<Binaries>;
  argo: { controller: string; manifests: ArgoManifests } | undefined;
  redis: UnpackedProgram | undefined;
  debian: DebianRoot | undefined;
}

/** Names of the programs that are built from source, for what is asked for. */
export function requiredBinaries({ nodes, argo }: Omit<Wanted, 'redis'>): BinaryName[] {
  const names: BinaryName[] = ['etcd', 'kube-apiserver', 'kubectl', 'kube-controller-manager'];
  if (nodes !== 'none') names.push('kube-scheduler');
  if (nodes === 'simulated') names.push('kwok');
  if (nodes === 'real') names.push('kubelet');
  if (argo !== false) names.push('workflow-controller');
  if (argo !== false && nodes === 'real') names.push('argoexec');
  return names;
}

/** Finds, builds or fetches everything that a cluster needs, so that starting it fails for no lack of a program. */
export async function ensurePrograms(wanted: Wanted, env: NodeJS.ProcessEnv, log: Log): Promise<Programs> {
  const options = { cacheDir: cacheRoot(env), log };
  const debian = wanted.nodes === 'real' ? await unpackDebianPackages(NODE_PACKAGES, options) : undefined;
  const redis = wanted.redis ? await ensureRedisServer(env, log) : undefined;
  const binaries = await ensureBinaries(requiredBinaries(wanted), env, log);
  const manifests = await argoManifests(wanted.argo, env, log);
  return {
    binaries,
    argo: manifests && { controller: binaries['workflow-controller'], manifests },
    redis,
    debian,
  };
}

async function argoManifests(argo: ArgoWanted, env: NodeJS.ProcessEnv, log: Log): Promise<ArgoManifests | undefined> {
  if (argo === false) return undefined;
  const strict = typeof argo === 'object' && argo.strictCrds;
  return strict ? ensureStrictArgoManifests(env, log) : ensureArgoManifests(env, log);
}
