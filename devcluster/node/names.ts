import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';

/** The name of the only node, as Kubernetes knows it. */
export const NODE_NAME = 'dev1';

/** The names of the node in shared namespaces of the machine, by which it can be found again. */
export interface NodeNames {
  /** Folder of everything that the node writes. */
  dir: string;
  /** The host's end of the cable to the node; at most 15 characters. */
  link: string;
  /** The control group that holds every process of the node, in each hierarchy. */
  cgroup: string;
  /** The comment of every packet filter rule. */
  comment: string;
}

/** The names of the node of a data folder: the same at every start, different for two clusters on one machine. */
export function nodeNames(dataDir: string): NodeNames {
  const id = createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 8);
  return {
    dir: join(resolve(dataDir), 'node'),
    link: `aegis${id}`,
    cgroup: `aegis-devcluster-${id}`,
    comment: `aegis-devcluster-${id}`,
  };
}
