import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Log } from '../log.ts';
import type { NodeAddresses } from './addresses.ts';
import { attempt } from './command.ts';
import type { Run } from './command.ts';
import type { NodeNames } from './names.ts';

const FORWARDING = '/proc/sys/net/ipv4/ip_forward';
const CHAINS = [
  { table: 'nat', chain: 'POSTROUTING' },
  { table: 'filter', chain: 'FORWARD' },
  { table: 'filter', chain: 'INPUT' },
] as const;

/** Programs under whose names the packet filter may be found, best first: what the machine uses itself goes before. */
export const IPTABLES_NAMES = ['iptables', 'iptables-nft', 'iptables-legacy'] as const;

/** Answers the first packet filter program that works with this kernel; undefined when none does. */
export async function findIptables(run: Run, programs: readonly string[]): Promise<string | undefined> {
  for (const program of programs) {
    if (await attempt(run(program, ['-w', '5', '-t', 'nat', '-S']))) return program;
  }
  return undefined;
}

/**
 * Lets pods reach what the host reaches, and the host itself where a firewall guards it. The only changes to the host's
 * network that do not vanish with the node; `removeEgress` takes them back.
 */
export async function allowEgress(
  run: Run,
  iptables: string,
  names: NodeNames,
  addresses: NodeAddresses,
): Promise<void> {
  const comment = ['-m', 'comment', '--comment', names.comment];
  const append = (table: string, chain: string, how: '-A' | '-I', ...rule: string[]): Promise<string> =>
    run(iptables, ['-w', '5', '-t', table, how, chain, ...rule.slice(0, -2), ...comment, ...rule.slice(-2)]);
  for (const source of [addresses.podCidr, `${addresses.node}/32`]) {
    await append('nat', 'POSTROUTING', '-A', '-s', source, '!', '-o', names.link, '-j', 'MASQUERADE');
  }
  await append('filter', 'INPUT', '-I', '-i', names.link, '-j', 'ACCEPT');
  await append('filter', 'FORWARD', '-I', '-i', names.link, '-j', 'ACCEPT');
  await append('filter', 'FORWARD', '-I', '-o', names.link, '-j', 'ACCEPT');
  if (readFileSync(FORWARDING, 'utf8').trim() === '1') return;
  writeFileSync(forwardingNote(names), '0\n');
  writeFileSync(FORWARDING, '1\n');
}

/** Removes our rules, told by their comment, and switches forwarding off if we switched it on and nobody else needs it. */
export async function removeEgress(run: Run, programs: readonly string[], names: NodeNames, log: Log): Promise<void> {
  for (const iptables of programs) {
    for (const { table, chain } of CHAINS) {
      const listed = await run(iptables, ['-w', '5', '-t', table, '-S', chain]).catch(() => '');
      for (const rule of parseRules(listed, names.comment)) {
        await run(iptables, ['-w', '5', '-t', table, '-D', ...rule]).catch((error: unknown) => {
          log(`A packet filter rule could not be removed: ${String(error)}`);
        });
      }
    }
  }
  const note = forwardingNote(names);
  if (!existsSync(note)) return;
  const others = readdirSync('/sys/class/net').filter((device) => /^aegis[0-9a-f]{8}$/.test(device));
  if (others.every((device) => device === names.link)) writeFileSync(FORWARDING, readFileSync(note));
  rmSync(note);
}

/** The rules of `iptables -S` that carry a comment, as arguments for `-D`: the chain, then the rule. */
export function parseRules(listed: string, comment: string): string[][] {
  return listed
    .split('\n')
    .filter((line) => line.startsWith('-A '))
    .map((line) => line.slice('-A '.length).replaceAll('"', '').split(' '))
    .filter((words) => words.some((word, index) => word === '--comment' && words[index + 1] === comment));
}

/** Tells a later clean-up, perhaps after a crash, that forwarding was off before. */
function forwardingNote(names: NodeNames): string {
  return join(names.dir, '..', 'node-forwarding');
}
