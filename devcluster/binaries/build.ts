import { chmodSync, copyFileSync, cpSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

import type { Log } from '../log.ts';
import { runGo } from './go.ts';
import type { Binary, Tool } from './tools.ts';

const HEARTBEAT_MS = 15_000;

/** Folders and settings of a build. */
export interface BuildOptions {
  /** Where the programs go. */
  outDir: string;
  env: NodeJS.ProcessEnv;
  log: Log;
}

/** Builds programs of one tool, one after the other; each appears in `outDir` complete or not at all. */
export async function buildBinaries(tool: Tool, binaries: readonly Binary[], options: BuildOptions): Promise<void> {
  const { outDir, env, log } = options;
  const scratch = join(outDir, '.build');
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch, { recursive: true });
  try {
    const moduleDir = tool.name === 'argo' ? await copyArgoModule(tool, scratch, env) : tool.moduleDir;
    for (const [index, { name, mainPackage, seconds }] of binaries.entries()) {
      const next = binaries.slice(index + 1).map((later) => later.name);
      const then = next.length > 0 ? `; then ${next.join(', ')}` : '';
      log(`Building ${name} ${tool.version} (about ${duration(seconds)} on 2 cores${then})`);
      const heart = heartbeat(name, seconds, log);
      const output = join(scratch, name);
      const args = ['build', '-trimpath', '-ldflags', tool.ldflags, '-o', output, `${tool.module}${mainPackage}`];
      try {
        await runGo(args, moduleDir, env);
        log(`Built ${name} in ${heart.elapsed()}`);
      } finally {
        heart.stop();
      }
      renameSync(output, join(outDir, name));
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/**
 * Argo's executor does not build from its published module: a file of it is a symbolic link in the repository, and
 * module archives have no links. So the module is copied, the file put in place and the copy built instead.
 */
async function copyArgoModule(tool: Tool, scratch: string, env: NodeJS.ProcessEnv): Promise<string> {
  const moduleDir = join(scratch, 'module');
  const source = join(moduleDir, 'src');
  mkdirSync(moduleDir);
  for (const file of ['go.mod', 'go.sum']) copyFileSync(join(tool.moduleDir, file), join(moduleDir, file));
  cpSync(await downloadModule(tool, env), source, { recursive: true });
  makeWritable(source);
  const folder = join(source, 'workflow', 'executor', 'osspecific');
  copyFileSync(join(folder, 'signal_darwin.go'), join(folder, 'signal_linux.go'));
  await runGo(['mod', 'edit', '-replace', `${tool.module}=./src`], moduleDir, env);
  return moduleDir;
}

/** Makes sure that a tool's module is in Go's module cache and answers its folder there (read-only). */
export async function downloadModule(tool: Tool, env: NodeJS.ProcessEnv): Promise<string> {
  const answer: unknown = JSON.parse(await runGo(['mod', 'download', '-json', tool.module], tool.moduleDir, env));
  if (typeof answer === 'object' && answer !== null && 'Dir' in answer && typeof answer.Dir === 'string') {
    return answer.Dir;
  }
  throw new Error(`go mod download did not say where ${tool.module} is`);
}

/** Go keeps its module cache read-only, and a copy of a read-only folder can neither be changed nor deleted. */
function makeWritable(folder: string): void {
  chmodSync(folder, statSync(folder).mode | 0o200);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) makeWritable(path);
    else chmodSync(path, statSync(path).mode | 0o200);
  }
}

function heartbeat(name: string, seconds: number, log: Log): { elapsed: () => string; stop: () => void } {
  const started = Date.now();
  const elapsed = (): string => duration(Math.round((Date.now() - started) / 1000));
  const timer = setInterval(() => {
    log(`Still building ${name}: ${elapsed()} of about ${duration(seconds)}`);
  }, HEARTBEAT_MS);
  return {
    elapsed,
    stop() {
      clearInterval(timer);
    },
  };
}

/** Returns seconds as text: `45 s`, `4 min 30 s`. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  const rest = seconds % 60;
  return rest === 0 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 60)} min ${rest} s`;
}
