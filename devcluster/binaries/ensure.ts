import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';

import type { Log } from '../log.ts';
import { buildBinaries, downloadModule, duration } from './build.ts';
import { cacheRoot } from './cache.ts';
import { findBinary } from './find.ts';
import { withLock } from './lock.ts';
import { oldestKubeApiserver, readTool, selectBinaries, type Binary, type BinaryName, type Tool } from './tools.ts';

/** Paths of programs by name. */
export type Binaries<Name extends BinaryName = BinaryName> = Record<Name, string>;

/** Finds programs and builds the missing ones, which takes minutes the first time; says what it does as it does it. */
export async function ensureBinaries<Name extends BinaryName>(
  names: readonly Name[],
  env: NodeJS.ProcessEnv,
  log: Log,
): Promise<Binaries<Name>> {
  return ensure(selectBinaries(names), env, log);
}

/** The kube-apiserver of the oldest supported version. */
export async function ensureOldestKubeApiserver(env: NodeJS.ProcessEnv, log: Log): Promise<string> {
  // The programs that a user chose to test with are no older version.
  const paths = await ensure(oldestKubeApiserver(), { ...env, KUBEBUILDER_ASSETS: '' }, log);
  return paths['kube-apiserver'];
}

/** Answers the paths of these programs, and of no others. */
async function ensure(binaries: readonly Binary[], env: NodeJS.ProcessEnv, log: Log): Promise<Binaries> {
  const paths = new Map<BinaryName, string>();
  const missing: Binary[] = [];
  for (const binary of binaries) {
    const tool = readTool(binary.tool);
    const found = await findBinary(binary, tool, toolDir(tool, env), env);
    if (found === undefined) missing.push(binary);
    else paths.set(binary.name, found.path);
  }
  if (missing.length > 0) {
    const total = missing.reduce((sum, { seconds }) => sum + seconds, 0);
    const list = missing.map(({ name }) => name).join(', ');
    log(`To build, once: ${list}; about ${duration(total)} on 2 cores. They are kept in ${cacheRoot(env)}`);
  }
  for (const name of new Set(missing.map(({ tool }) => tool))) {
    const tool = readTool(name);
    const dir = toolDir(tool, env);
    const wanted = missing.filter((binary) => binary.tool === name);
    await withLock(`${dir}.lock`, log, async () => {
      // Another process may have built them while we waited for the lock.
      const left = wanted.filter((binary) => !existsSync(join(dir, binary.name)));
      if (left.length > 0) await buildBinaries(tool, left, { outDir: dir, env, log });
    });
    for (const binary of wanted) paths.set(binary.name, join(dir, binary.name));
  }
  return Object.fromEntries(paths) as Binaries;
}

/** Folders with Argo's own YAML files. */
export interface ArgoManifests {
  /** Files of its CRDs, without the descriptions and validation of their deeper parts. */
  crds: readonly string[];
  /** The roles that its controller needs, and those that add workflows to view, edit and admin. */
  rbacDir: string;
}

const ARGO_ROLES = [
  'workflow-aggregate-roles.yaml',
  'workflow-controller-clusterrole.yaml',
  'workflow-controller-role.yaml',
];

/** Finds Argo's manifests in the cache, or takes them out of its Go module. */
export async function ensureArgoManifests(env: NodeJS.ProcessEnv, log: Log): Promise<ArgoManifests> {
  const dir = await ensureFromArgo('manifests', { env, log }, (source, partial) => {
    const crds = join(source, 'base', 'crds', 'minimal');
    copyFiles(
      crds,
      join(partial, 'crds'),
      readdirSync(crds).filter((name) => name.startsWith('argoproj.io_')),
    );
    copyFiles(join(source, 'cluster-install-no-crds', 'workflow-controller-rbac'), join(partial, 'rbac'), ARGO_ROLES);
  });
  const crdDir = join(dir, 'crds');
  return { crds: readdirSync(crdDir).map((name) => join(crdDir, name)), rbacDir: join(dir, 'rbac') };
}

const WORKFLOWS_CRD = 'argoproj.io_workflows.yaml';

/**
 * The same with the full schema of Workflows, so that the API server refuses what is none. It is 2.6 MB of YAML, which
 * takes seconds to apply and makes kube-apiserver larger by about 150 MB.
 */
export async function ensureStrictArgoManifests(env: NodeJS.ProcessEnv, log: Log): Promise<ArgoManifests> {
  const { crds, rbacDir } = await ensureArgoManifests(env, log);
  const dir = await ensureFromArgo('strict-crds', { env, log }, (source, partial) => {
    copyFiles(join(source, 'base', 'crds', 'full'), partial, [WORKFLOWS_CRD]);
  });
  return { crds: [...crds.filter((file) => basename(file) !== WORKFLOWS_CRD), join(dir, WORKFLOWS_CRD)], rbacDir };
}

/** A folder of the cache that is filled once from the manifests in Argo's Go module. */
async function ensureFromArgo(
  name: string,
  { env, log }: { env: NodeJS.ProcessEnv; log: Log },
  fill: (source: string, dir: string) => void,
): Promise<string> {
  const tool = readTool('argo');
  const dir = join(toolDir(tool, env), name);
  if (existsSync(dir)) return dir;
  return withLock(`${toolDir(tool, env)}.lock`, log, async () => {
    if (existsSync(dir)) return dir;
    log(`Fetching the manifests of Argo Workflows ${tool.version}`);
    const source = join(await downloadModule(tool, env), 'manifests');
    const partial = `${dir}.partial`;
    rmSync(partial, { recursive: true, force: true });
    fill(source, partial);
    renameSync(partial, dir);
    return dir;
  });
}

function copyFiles(from: string, to: string, names: readonly string[]): void {
  mkdirSync(to, { recursive: true });
  for (const name of names) copyFileSync(join(from, name), join(to, name));
}

/** The cache folder of a tool; a changed version, module list or flag means another folder. */
export function toolDir(tool: Tool, env: NodeJS.ProcessEnv): string {
  return join(cacheRoot(env), `${tool.name}-${tool.version}-${tool.hash}`);
}
