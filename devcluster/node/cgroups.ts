import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 50;
const EMPTY_TIMEOUT_MS = 10_000;

/** The folders under which control groups are made: one per hierarchy (version 1) or a single one (version 2). */
export function cgroupHierarchies(mounts = readFileSync('/proc/self/mounts', 'utf8')): string[] {
  return mounts.split('\n').flatMap((line) => {
    const [, folder, type] = line.split(' ');
    return folder !== undefined && (type === 'cgroup' || type === 'cgroup2') ? [folder] : [];
  });
}

/** Makes a group in every hierarchy, ready for the kubelet to make groups in it. */
export function createCgroups(name: string): void {
  for (const hierarchy of cgroupHierarchies()) {
    const group = join(hierarchy, name);
    mkdirSync(group, { recursive: true });
    // Version 2: what the parent does not hand on, the children cannot limit.
    if (existsSync(join(hierarchy, 'cgroup.subtree_control'))) enableControllers(hierarchy, group);
    // Version 1: a new cpuset is empty and takes no process.
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      const [from, to] = [join(hierarchy, file), join(group, file)];
      if (existsSync(from) && existsSync(to) && !existsSync(join(group, 'cgroup.controllers'))) {
        writeFileSync(to, readFileSync(from));
      }
    }
  }
}

/** One by one, because a controller that cannot be handed on must not keep back the others; the kubelet says what it lacks. */
function enableControllers(hierarchy: string, group: string): void {
  const controllers = readFileSync(join(hierarchy, 'cgroup.controllers'), 'utf8').trim().split(' ').filter(Boolean);
  for (const folder of [hierarchy, group]) {
    for (const controller of controllers) {
      try {
        writeFileSync(join(folder, 'cgroup.subtree_control'), `+${controller}`);
      } catch {
        // In use by real-time processes, or by processes right in the root of a container's groups.
      }
    }
  }
}

/** Kills every process in the groups of this name and removes the groups. Nothing happens when there are none. */
export async function removeCgroups(name: string): Promise<void> {
  const groups = cgroupHierarchies()
    .map((hierarchy) => join(hierarchy, name))
    .filter((group) => existsSync(group));
  const deadline = Date.now() + EMPTY_TIMEOUT_MS;
  for (;;) {
    const pids = new Set(groups.flatMap(readPids));
    if (pids.size === 0) break;
    if (Date.now() > deadline) throw new Error(`processes ${[...pids].join(', ')} in ${name} cannot be killed`);
    for (const pid of pids) kill(pid);
    await sleep(POLL_MS);
  }
  for (const group of groups) await removeGroup(group, deadline);
}

/** The processes of a group and of the groups below it. */
function readPids(group: string): number[] {
  try {
    const own = readFileSync(join(group, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
    // A process of another pid namespace is shown as 0; it is not one of ours.
    return [...own.filter((pid) => pid > 0), ...subgroups(group).flatMap(readPids)];
  } catch {
    return [];
  }
}

function subgroups(group: string): string[] {
  return readdirSync(group, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(group, entry.name));
}

/** A group stays busy for a moment after its last process has ended. */
async function removeGroup(group: string, deadline: number): Promise<void> {
  for (const subgroup of subgroups(group)) await removeGroup(subgroup, deadline);
  for (;;) {
    try {
      rmdirSync(group);
      return;
    } catch (error) {
      if (!existsSync(group)) return;
      if (Date.now() > deadline) throw error;
      await sleep(POLL_MS);
    }
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
