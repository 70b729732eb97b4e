import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Supervisor } from '../supervisor.ts';
import { cgroupHierarchies } from './cgroups.ts';
import type { NodeNames } from './names.ts';

/** The name of the node's first process in the supervisor. */
export const MACHINE_PROCESS = 'node-machine';

/** A part of this machine with processes, mounts and a network of its own. */
export interface Machine {
  /** Pid of the process that holds the namespaces. */
  pid: number;
  /** The command line that runs a program inside. */
  inside(command: string, args: readonly string[]): { command: string; args: string[] };
}

/**
 * Starts the node's first process. All processes inside end with it.
 * @param visible files and folders that programs inside need, should they lie where the node has folders of its own
 */
export async function startMachine(
  supervisor: Supervisor,
  names: NodeNames,
  visible: readonly string[],
): Promise<Machine> {
  const readyFile = join(names.dir, 'machine-ready');
  const init = fileURLToPath(new URL('./init.sh', import.meta.url));
  mkdirSync(names.dir, { recursive: true });
  rmSync(readyFile, { force: true });
  linkCgroups(names);
  const namespaces = ['--mount', '--net', '--pid', '--fork', '--kill-child', '--propagation', 'private'];
  const folders = new Set([dirname(names.dir), ...visible].map((path) => resolve(path)));
  await supervisor.start({
    name: MACHINE_PROCESS,
    command: 'unshare',
    args: [...namespaces, 'sh', init, names.dir, readyFile, ...folders],
    ready: () => Promise.resolve(existsSync(readyFile)),
    // A new one would be another machine, without the processes and the network that were set up in this one.
    restart: false,
    stopGraceMs: 2_000,
  });
  const pid = supervisor.pids()[MACHINE_PROCESS];
  if (pid === undefined) throw new Error('the node ended while it was started');
  const enter = [`--mount=/proc/${pid}/ns/mnt`, `--net=/proc/${pid}/ns/net`, `--pid=/proc/${pid}/ns/pid_for_children`];
  return {
    pid,
    inside: (command, args) => ({ command: 'nsenter', args: [...enter, command, ...args] }),
  };
}

/** The first process puts itself into these groups, before anything of the node can be left behind without them. */
function linkCgroups(names: NodeNames): void {
  const links = join(names.dir, 'init-cgroups');
  rmSync(links, { recursive: true, force: true });
  mkdirSync(links);
  for (const [index, hierarchy] of cgroupHierarchies().entries()) {
    const group = join(hierarchy, names.cgroup, 'init');
    mkdirSync(group, { recursive: true });
    // A process without processors to run on cannot join; it is enough to be found in one of the groups.
    if (existsSync(join(group, 'cpuset.cpus')) && !existsSync(join(group, 'cgroup.controllers'))) continue;
    symlinkSync(join(group, 'cgroup.procs'), join(links, String(index)));
  }
}
