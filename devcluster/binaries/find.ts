import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

import type { Binary, Tool } from './tools.ts';

const exec = promisify(execFile);
const VERSION_TIMEOUT_MS = 10_000;

/** Where a program was found. */
export interface Found {
  path: string;
  source: 'KUBEBUILDER_ASSETS' | 'cache' | 'PATH';
}

/**
 * Looks for a program without building it: in the folder that KUBEBUILDER_ASSETS names (taken as it is: the user who sets it
 * chooses), in our cache, then on PATH, where only the version that we pin counts.
 */
export async function findBinary(
  binary: Binary,
  tool: Tool,
  cacheDir: string,
  env: NodeJS.ProcessEnv,
): Promise<Found | undefined> {
  const assets = env['KUBEBUILDER_ASSETS'];
  if (assets !== undefined && assets !== '') {
    const path = join(assets, binary.name);
    if (isExecutable(path)) return { path, source: 'KUBEBUILDER_ASSETS' };
  }
  const cached = join(cacheDir, binary.name);
  if (isExecutable(cached)) return { path: cached, source: 'cache' };
  for (const folder of (env['PATH'] ?? '').split(delimiter).filter((entry) => entry !== '')) {
    const path = join(folder, binary.name);
    if (isExecutable(path) && (await printsVersion(path, binary.versionArgs, tool.version))) {
      return { path, source: 'PATH' };
    }
  }
  return undefined;
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function printsVersion(path: string, args: readonly string[], version: string): Promise<boolean> {
  try {
    const { stdout, stderr } = await exec(path, args, { timeout: VERSION_TIMEOUT_MS });
    return mentionsVersion(`${stdout}\n${stderr}`, version);
  } catch {
    return false;
  }
}

/** Whether a program's version output names exactly this version, with or without the leading `v`. */
export function mentionsVersion(output: string, version: string): boolean {
  const plain = version.replace(/^v/, '').replaceAll('.', '\\.');
  return new RegExp(`(^|[^\\d.])v?${plain}($|[^\\d.-])`, 'm').test(output);
}
