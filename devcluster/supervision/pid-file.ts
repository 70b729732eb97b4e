import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { z } from 'zod';

import type { ProcessIdentity } from './identity.ts';

const identity = z.object({ pid: z.int().positive(), startedAt: z.string() });
const pidFile = z.object({ owner: identity, processes: z.record(z.string(), identity) });

/** The processes of a data folder: the supervisor itself and the leaders of its children's process groups, by name. */
export type PidFile = z.infer<typeof pidFile>;

/** Reads a pid file; undefined when there is none or when it is not one of ours (a torn write cannot happen, see below). */
export function readPidFile(path: string): PidFile | undefined {
  try {
    return pidFile.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Writes a pid file in one step, so that a crash leaves either the old content or the new. */
export function writePidFile(
  path: string,
  owner: ProcessIdentity,
  processes: ReadonlyMap<string, ProcessIdentity>,
): void {
  mkdirSync(dirname(path), { recursive: true });
  const content: PidFile = { owner, processes: Object.fromEntries(processes) };
  writeFileSync(`${path}.new`, `${JSON.stringify(content, undefined, 2)}\n`);
  renameSync(`${path}.new`, path);
}

export function removePidFile(path: string): void {
  rmSync(path, { force: true });
}
