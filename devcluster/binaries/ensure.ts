import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import type { Log } from '../log.ts';
import { buildBinaries, downloadModule, duration } from './build.ts';
import { cacheRoot } from './cache.ts';
import { findBinary } from './find.ts';
import { withLock } from './lock.ts';
import { readTool, selectBinaries } from './tools.ts';
import type { Binary, BinaryName, Tool } from './tools.ts';

/** Paths of programs by name. */
export type Binaries<Name extends BinaryName = BinaryName> = Record<Name, string>;

/** Finds programs and builds the missing ones, which takes minutes the first time; says what it does as it does it. */
export async function ensureBinaries<Name extends BinaryName>(
  names: readonly Name[],
  env: NodeJS.ProcessEnv,
  log: Log,
): Promise<Binaries<Name>> {
  const paths = new Map<BinaryName, string>();
  const missing: Binary[] = [];
  for (const binary of selectBinaries(names)) {
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
  return Object.fromEntries(paths) as Binaries<Name>;
}

/** Folders with Argo's own YAML files. */
export interface ArgoManifests {
  /** Its CRDs, without the descriptions and validation of their deeper parts. */
  crdDir: string;
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
  const tool = readTool('argo');
  const dir = join(toolDir(tool, env), 'manifests');
  const manifests = { crdDir: join(dir, 'crds'), rbacDir: join(dir, 'rbac') };
  if (existsSync(dir)) return manifests;
  return withLock(`${toolDir(tool, env)}.lock`, log, async () => {
    if (existsSync(dir)) return manifests;
    log(`Fetching the manifests of Argo Workflows ${tool.version}`);
    const source = join(await downloadModule(tool, env), 'manifests');
    const partial = `${dir}.partial`;
    rmSync(partial, { recursive: true, force: true });
    const crds = join(source, 'base', 'crds', 'minimal');
    copyFiles(
      crds,
      join(partial, 'crds'),
      readdirSync(crds).filter((name) => name.startsWith('argoproj.io_')),
    );
    copyFiles(join(source, 'cluster-install-no-crds', 'workflow-controller-rbac'), join(partial, 'rbac'), ARGO_ROLES);
    renameSync(partial, dir);
    return manifests;
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
