/** Runs a cluster with a real node until Ctrl-C. Usage: node run-cluster.ts <data folder>; prints `ready` and the
 * name of the node when it is. */
import { startCluster } from '../../devcluster/cluster.ts';

const [dataDir] = process.argv.slice(2);
if (dataDir === undefined) throw new Error('usage: run-cluster.ts <data folder>');

const stopping = new AbortController();
process.once('SIGINT', () => {
  stopping.abort();
});
const cluster = await startCluster({
  ...{ nodes: 'real', argo: true, redis: false, dataDir, unsafeNoFsync: true },
  signal: stopping.signal,
  log: (line) => {
    console.error(line);
  },
});
const stop = (): void => {
  void cluster.stop().then(() => process.exit(0));
};
if (stopping.signal.aborted) stop();
stopping.signal.addEventListener('abort', stop);
console.log(`ready ${cluster.node?.name ?? ''}`);
