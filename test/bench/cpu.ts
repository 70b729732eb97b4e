import { readFileSync } from 'node:fs';
import process from 'node:process';
import type { Harness } from '../harness/aegis.ts';
import { round } from './statistics.ts';

/** CPU time by process; ms. */
export type CpuTimes = Readonly<Record<string, number>>;

/** Returns the CPU time so far of each process of the cluster and of this one, `client`, all threads together. */
export function cpuTimes({ cluster }: Harness): CpuTimes {
  const pids = { ...cluster.pids(), client: process.pid };
  return Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, cpuMs(pid)]));
}

/** The sum of what each process used between the first and the second of each pair, for one of `count` requests. */
export function cpuPerRequest(pairs: readonly (readonly [CpuTimes, CpuTimes])[], count: number): CpuTimes {
  const names = Object.keys(pairs[0]?.[0] ?? {});
  const used = (name: string): number => pairs.reduce((sum, [a, b]) => sum + (b[name] ?? 0) - (a[name] ?? 0), 0);
  return Object.fromEntries(
    names.map((name) => [name, round(used(name) / count, 2)] as const).filter(([, ms]) => ms > 0),
  );
}

/** Milliseconds of a tick of the kernel's accounts: USER_HZ is 100 wherever Node runs on Linux. */
const tickMs = 10;

/** Returns the CPU time of a process, to the tick; 0 where there is no /proc. */
export function cpuMs(pid: number): number {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return 0;
  }
  // The name may hold spaces and brackets; behind the last bracket are numbers only, see proc_pid_stat(5).
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}
