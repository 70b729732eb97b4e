import type { Log } from '../log.ts';
import type { NodeAddresses } from './addresses.ts';
import { attempt, type Run } from './command.ts';
import { switchForwardingBack, switchForwardingOn } from './forwarding.ts';
import type { NodeNames } from './names.ts';

const CHAINS = [
  { table: 'nat', chain: 'POSTROUTING' },
  { table: 'filter', chain: 'FORWARD' },
  { table: 'filter', chain: 'INPUT' },
] as const;

/** The variant that the machine itself uses goes first, and the legacy one last, because trying it loads its modules. */
const PROGRAMS = ['iptables', 'iptables-nft', 'iptables-legacy'] as const;

/** Answers the packet filter program to use with this kernel, always the same; undefined when none works. */
export async function findIptables(run: Run): Promise<string | undefined> {
  for (const program of PROGRAMS) {
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
  await switchForwardingOn(run, names);
}

/** Removes our rules, found by their comment, and sets the host's forwarding back to what it was. */
export async function removeEgress(run: Run, names: NodeNames, log: Log): Promise<void> {
  const iptables = await findIptables(run);
  if (iptables !== undefined) await removeRules(run, iptables, names.comment, log);
  switchForwardingBack(names);
}

async function removeRules(run: Run, iptables: string, comment: string, log: Log): Promise<void> {
  for (const { table, chain } of CHAINS) {
    const listed = await run(iptables, ['-w', '5', '-t', table, '-S', chain]).catch(() => '');
    for (const rule of parseRules(listed, comment)) {
      await run(iptables, ['-w', '5', '-t', table, '-D', ...rule]).catch((error: unknown) => {
        log(`A packet filter rule could not be removed: ${String(error)}`);
      });
    }
  }
}

/** The rules of `iptables -S` that carry a comment, as arguments for `-D`: the chain, then the rule. */
export function parseRules(listed: string, comment: string): string[][] {
  return listed
    .split('\n')
    .filter((line) => line.startsWith('-A '))
    .map((line) => line.slice('-A '.length).replaceAll('"', '').split(' '))
    .filter((words) => words.some((word, index) => word === '--comment' && words[index + 1] === comment));
}
