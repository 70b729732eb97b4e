import { rmSync } from 'node:fs';

import type { DebianRoot } from '../binaries/debian.ts';
import type { Log } from '../log.ts';
import { removeCgroups } from './cgroups.ts';
import { createRun } from './command.ts';
import { removeEgress } from './egress.ts';
import type { NodeNames } from './names.ts';
import { disconnectNetwork } from './network.ts';

/**
 * Removes what a node may have left on the host, after an orderly end or a crash: its processes, its control groups,
 * its network device, its packet filter rules and its files. Mounts, network namespaces and the devices in them went
 * with its first process. Safe to repeat; a failing step does not keep the others from running.
 */
export async function cleanUpNode(names: NodeNames, debian: DebianRoot, log: Log): Promise<void> {
  const run = createRun({ ...process.env, ...debian.env });
  const steps = {
    'processes and control groups': () => removeCgroups(names.cgroup),
    'network device': () => disconnectNetwork(run, names),
    'packet filter rules': () => removeEgress(run, names, log),
    files: () => {
      rmSync(names.dir, { recursive: true, force: true, maxRetries: 5 });
      return Promise.resolve();
    },
  };
  for (const [what, step] of Object.entries(steps)) {
    await step().catch((error: unknown) => {
      log(`The node's ${what} could not be removed: ${error instanceof Error ? error.message : String(error)}`);
    });
  }
}
