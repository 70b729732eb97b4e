import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import type { DebianRoot } from '../../devcluster/binaries/debian.ts';
import { cgroupHierarchies } from '../../devcluster/node/cgroups.ts';
import { createRun } from '../../devcluster/node/command.ts';
import { findIptables } from '../../devcluster/node/egress.ts';
import { nodeNames } from '../../devcluster/node/names.ts';

/** Everything on this machine that comes from the node of a data folder, by kind. */
export interface NodeTraces {
  processes: string[];
  mounts: string[];
  devices: string[];
  routes: string[];
  rules: string[];
  cgroups: string[];
  files: string[];
}

/** No trace of anything. */
export const NO_TRACES: NodeTraces = {
  processes: [],
  mounts: [],
  devices: [],
  routes: [],
  rules: [],
  cgroups: [],
  files: [],
};

/** Looks in the kernel, not in our own books, and in the mount namespaces of all processes. */
export async function findNodeTraces(dataDir: string, debian: DebianRoot): Promise<NodeTraces> {
  const names = nodeNames(dataDir);
  return {
    processes: pidsOf(dataDir).map((pid) => `${pid} ${readProc(pid, 'cmdline').replaceAll('\0', ' ')}`),
    mounts: [...new Set(allPids().flatMap((pid) => readProc(pid, 'mounts').split('\n')))].filter((line) =>
      line.includes(dataDir),
    ),
    devices: readdirSync('/sys/class/net').filter((device) => device === names.link),
    routes: readFileSync('/proc/net/route', 'utf8')
      .split('\n')
      .filter((line) => line.startsWith(names.link)),
    rules: (await listRules(debian)).filter((rule) => rule.includes(names.comment)),
    cgroups: cgroupHierarchies()
      .map((hierarchy) => join(hierarchy, names.cgroup))
      .filter((group) => existsSync(group)),
    files: [names.dir, join(dataDir, 'node-forwarding')].filter((path) => existsSync(path)),
  };
}

/** Pids of the processes that name a folder in their command line. */
export function pidsOf(folder: string): number[] {
  return allPids().filter((pid) => readProc(pid, 'cmdline').includes(folder));
}

function allPids(): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number);
}

/** Empty for a process that has ended meanwhile. */
function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

async function listRules(debian: DebianRoot): Promise<string[]> {
  const run = createRun({ ...process.env, ...debian.env });
  const iptables = (await findIptables(run)) ?? 'iptables';
  const listed = ['nat', 'filter'].map((table) => run(iptables, ['-w', '5', '-t', table, '-S']));
  return (await Promise.all(listed)).flatMap((rules) => rules.split('\n'));
}
