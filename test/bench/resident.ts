import { readFileSync } from 'node:fs';
import type { Harness } from '../harness/aegis.ts';

/** Resident memory of each role's process after the run; MiB. Empty where there is no /proc. */
export function residentMiB({ cluster, probes }: Harness): Record<string, number> {
  const pids = cluster.pids();
  const figures: Record<string, number> = {};
  for (const name of Object.keys(probes)) {
    const kib = readStatus(pids[name]).match(/^VmRSS:\s+(\d+) kB$/m)?.[1];
    if (kib !== undefined) figures[name] = Math.round(Number(kib) / 1_024);
  }
  return figures;
}

function readStatus(pid: number | undefined): string {
  try {
    return readFileSync(`/proc/${pid ?? 0}/status`, 'utf8');
  } catch {
    return '';
  }
}
