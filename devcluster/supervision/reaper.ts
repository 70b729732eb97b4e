/**
 * Outlives its supervisor by a moment: reads its standard input, a pipe that ends when the supervisor does, however it
 * ended, and then ends every process group that is still in the pid file. Usage: node reaper.ts <pid file> <pid>
 */
import { endGroups } from './process-group.ts';
import { readPidFile, removePidFile } from './pid-file.ts';

const GRACE_MS = 5_000;

const [path, owner] = process.argv.slice(2);
if (path === undefined || owner === undefined) throw new Error('usage: reaper.ts <pid file> <pid of the supervisor>');

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.stdin.resume();
process.stdin.on('error', () => undefined);
process.stdin.once('close', () => {
  void reap(path, Number(owner));
});

/** Another supervisor may own the folder by now, or may come to own it meanwhile: its processes are not ours to end. */
async function reap(pidFile: string, ownerPid: number): Promise<void> {
  const left = readPidFile(pidFile);
  if (left?.owner.pid !== ownerPid) return;
  await endGroups(Object.values(left.processes), GRACE_MS);
  if (readPidFile(pidFile)?.owner.pid === ownerPid) removePidFile(pidFile);
}
