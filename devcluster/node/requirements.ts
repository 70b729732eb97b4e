import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import { cgroupHierarchies } from './cgroups.ts';

/** The bits of /proc/self/status that a node cannot do without. */
const CAPABILITIES = { CAP_NET_ADMIN: 12, CAP_SYS_CHROOT: 18, CAP_SYS_ADMIN: 21, CAP_MKNOD: 27 } as const;

const CONTROLLERS = ['cpu', 'memory', 'pids'];

/** Whether a real node can run here, and if not, why, as the second half of a sentence. */
export type Verdict = { ok: true } | { ok: false; reason: string };

/** Looks whether this process may do what a node does. Changes nothing and takes no time. */
export function canRunRealNode(): Verdict {
  const reason = whyNot();
  return reason === undefined ? { ok: true } : { ok: false, reason };
}

function whyNot(): string | undefined {
  if (process.platform !== 'linux') return `a node needs Linux, and this is ${process.platform}`;
  if (process.getuid?.() !== 0) return 'a node needs root';
  const missing = missingCapabilities(readFileSync('/proc/self/status', 'utf8'));
  if (missing.length > 0) return `this process lacks ${missing.join(', ')} (an unprivileged container?)`;
  if (!existsSync('/usr/bin/apt-get')) return 'containerd comes from Debian packages, and there is no apt-get';
  return whyNoCgroups(cgroupHierarchies());
}

/** Names of the needed capabilities that a `/proc/<pid>/status` does not list as effective. */
export function missingCapabilities(status: string): string[] {
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? '0'}`);
  return Object.entries(CAPABILITIES).flatMap(([name, bit]) => ((effective >> BigInt(bit)) & 1n ? [] : [name]));
}

/**
 * Why control groups cannot be made in these folders as a node needs them; undefined when they can. Version 1 has a
 * folder per controller; version 2 lists what may be handed on to the groups below.
 */
export function whyNoCgroups(hierarchies: readonly string[]): string | undefined {
  if (hierarchies.length === 0) return 'no control groups are mounted';
  const readOnly = hierarchies.find((hierarchy) => !isWritable(hierarchy));
  if (readOnly !== undefined) return `control groups cannot be made in ${readOnly} (an unprivileged container?)`;
  const has = (name: string): boolean =>
    hierarchies.some((folder) => basename(folder).split(',').includes(name) || handedOn(folder).includes(name));
  const missing = CONTROLLERS.filter((name) => !has(name));
  return missing.length > 0
    ? `the control groups do not hand on the controllers ${missing.join(', ')} (a container with its own group namespace?)`
    : undefined;
}

/** Only the true root of all groups may hand on more while processes are in it, and only it has no type. */
function handedOn(hierarchy: string): string[] {
  const file = existsSync(join(hierarchy, 'cgroup.type')) ? 'cgroup.subtree_control' : 'cgroup.controllers';
  const path = join(hierarchy, file);
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split(' ') : [];
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
