import { totalmem } from 'node:os';
import process from 'node:process';

const MIB = 1024 * 1024;
const LEAST_LIMIT_MIB = 1024;
/** etcd, kube-apiserver and their neighbours, of perhaps two clusters. */
const SHARE_OF_MEMORY = 6;

/**
 * Returns the environment of a server that keeps its objects in memory. With Go's default of 100 a server with a small
 * heap collects garbage many times a second, which takes a fifth of the processor time. So the heap may grow to four
 * times of what is in use, but not beyond a share of the machine's memory. The limit must stay far above what is in
 * use, or else the collector never rests: kube-apiserver with the full CRDs of Argo uses 515 MiB without any object.
 * Values in the environment of this process have priority.
 *
 * @param memoryBytes of the machine, or of the container that this process runs in
 */
export function goRuntime(memoryBytes = availableMemory(), env = process.env): NodeJS.ProcessEnv {
  const limit = Math.max(LEAST_LIMIT_MIB, Math.floor(memoryBytes / MIB / SHARE_OF_MEMORY));
  return { GOGC: '300', GOMEMLIMIT: `${limit}MiB`, ...env };
}

function availableMemory(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(totalmem(), constrained) : totalmem();
}
