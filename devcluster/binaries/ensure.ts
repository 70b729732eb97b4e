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

/** The folder with the YAML files of Argo's CRDs, without the descriptions and validation of their deeper parts. */
export async function ensureArgoCrds(env: NodeJS.ProcessEnv, log: Log): Promise<string> {
  const tool = readTool('argo');
  const target = join(toolDir(tool, env), 'crds');
  if (existsSync(target)) return target;
  return withLock(`${toolDir(tool, env)}.lock`, log, async () => {
    if (existsSync(target)) return target;
    log(`Fetching the CRDs of Argo Workflows ${tool.version}`);
    const source = join(await downloadModule(tool, env), 'manifests', 'base', 'crds', 'minimal');
    const partial = `${target}.partial`;
    rmSync(partial, { recursive: true, force: true });
    mkdirSync(partial, { recursive: true });
    for (const file of readdirSync(source).filter((name) => name.startsWith('argoproj.io_'))) {
      copyFileSync(join(source, file), join(partial, file));
    }
    renameSync(partial, target);
    return target;
  });
}

/** The cache folder of a tool; a changed version, module list or flag means another folder. */
export function toolDir(tool: Tool, env: NodeJS.ProcessEnv): string {
  return join(cacheRoot(env), `${tool.name}-${tool.version}-${tool.hash}`);
}
