import { setTimeout as sleep } from 'node:timers/promises';
import type { Kubectl } from './kubectl.ts';

/** No filter for the one condition: a new CRD has `null` for a list, which cannot be filtered. */
const CONDITIONS = '{range .status.conditions[*]}{.type}={.status} {end}';
const ALL = `--output=jsonpath={range .items[*]}{.metadata.name} ${CONDITIONS}{"\\n"}{end}`;

const TRIES = 120;
const TRY_AGAIN_MS = 500;

/**
 * Waits until the API server serves what its CRDs define. As `kubectl wait`, which fails when the API server has not
 * looked at one of them yet: it takes its time for a large one.
 *
 * @param names of CRDs that must be there; all others are waited for as well
 * @throws after a minute
 */
export async function untilEstablished(kubectl: Kubectl, names: readonly string[] = []): Promise<void> {
  let missing: string[] = [];
  for (let tries = 0; tries < TRIES; tries += 1) {
    missing = unestablished(await kubectl(['get', 'crd', ALL]), names);
    if (missing.length === 0) return;
    await sleep(TRY_AGAIN_MS);
  }
  throw new Error(`these CRDs were not established within a minute: ${missing.join(', ')}`);
}

function unestablished(listed: string, names: readonly string[]): string[] {
  const lines = listed.split('\n').map((line) => line.split(' '));
  const established = lines.filter(([, ...conditions]) => conditions.includes('Established=True'));
  const all = new Set([...names, ...lines.map(([name = '']) => name)]);
  return [...all].filter((name) => name !== '' && !established.some(([known]) => known === name));
}
