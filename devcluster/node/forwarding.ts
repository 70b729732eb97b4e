import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { Run } from './command.ts';
import type { NodeNames } from './names.ts';

const SETTING = '/proc/sys/net/ipv4/ip_forward';
const DEVICES = '/sys/class/net';
const OFF_BEFORE = 'aegis-devcluster: forwarding was off before';

/**
 * Lets the host pass packets between the node and other networks. Where that was off, every node that runs meanwhile
 * carries a note of it, as the alias of its network device, so that the last one to end can switch it off again; a file
 * beside the node's folder carries it over a crash.
 */
export async function switchForwardingOn(run: Run, names: NodeNames): Promise<void> {
  const isOn = readFileSync(SETTING, 'utf8').trim() === '1';
  if (isOn && !otherNodes(names).some((device) => readAlias(device) === OFF_BEFORE)) return;
  writeFileSync(noteFile(names), `${OFF_BEFORE}\n`);
  await run('ip', ['link', 'set', names.link, 'alias', OFF_BEFORE]);
  writeFileSync(SETTING, '1\n');
}

/** Switches forwarding off if it was off before the first node and no other node needs it. */
export function switchForwardingBack(names: NodeNames): void {
  if (!existsSync(noteFile(names))) return;
  if (otherNodes(names).length === 0) writeFileSync(SETTING, '0\n');
  rmSync(noteFile(names));
}

function otherNodes(names: NodeNames): string[] {
  return readdirSync(DEVICES).filter((device) => /^aegis[0-9a-f]{8}$/.test(device) && device !== names.link);
}

function readAlias(device: string): string {
  try {
    return readFileSync(join(DEVICES, device, 'ifalias'), 'utf8').trim();
  } catch {
    // The node of this device has just ended.
    return '';
  }
}

function noteFile(names: NodeNames): string {
  return join(dirname(names.dir), 'node-forwarding');
}
