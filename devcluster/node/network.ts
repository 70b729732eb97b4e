import { readFileSync } from 'node:fs';

import { findFreeAddresses, type NodeAddresses } from './addresses.ts';
import { attempt, type Run } from './command.ts';
import type { Machine } from './machine.ts';
import type { NodeNames } from './names.ts';

/**
 * Connects the node with the host by a virtual cable and gives both ends addresses. Pods are reached through the node.
 * The cable vanishes with the node's network.
 */
export async function connectNetwork(run: Run, names: NodeNames, machine: Machine): Promise<NodeAddresses> {
  const addresses = findFreeAddresses(readFileSync('/proc/net/route', 'utf8'), parseInt(names.link.slice(-4), 16));
  const { host, node, linkPrefix, podCidr } = addresses;
  const inside = (command: string, ...args: string[]): Promise<string> => {
    const line = machine.inside(command, args);
    return run(line.command, line.args);
  };
  await disconnectNetwork(run, names);
  await run('ip', ['link', 'add', names.link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(machine.pid)]);
  await run('ip', ['address', 'add', `${host}/${linkPrefix}`, 'dev', names.link]);
  await run('ip', ['link', 'set', names.link, 'up']);
  await inside('ip', 'link', 'set', 'lo', 'up');
  await inside('ip', 'address', 'add', `${node}/${linkPrefix}`, 'dev', 'eth0');
  await inside('ip', 'link', 'set', 'eth0', 'up');
  await inside('ip', 'route', 'add', 'default', 'via', host);
  await inside('sh', '-c', 'echo 1 >/proc/sys/net/ipv4/ip_forward');
  await run('ip', ['route', 'add', podCidr, 'via', node]);
  return addresses;
}

/** Takes the cable away, in case the kernel has not done it yet. */
export async function disconnectNetwork(run: Run, names: NodeNames): Promise<void> {
  await attempt(run('ip', ['link', 'delete', names.link]));
}

/** Inside the node, leads the address of the `kubernetes` Service to a port of the host. There is no kube-proxy. */
export async function routeService(
  run: Run,
  machine: Machine,
  options: { iptables: string; service: string; target: string },
): Promise<void> {
  for (const chain of ['PREROUTING', 'OUTPUT']) {
    const match = ['-d', `${options.service}/32`, '-p', 'tcp', '--dport', '443'];
    const rule = ['-w', '5', '-t', 'nat', '-A', chain, ...match, '-j', 'DNAT', '--to-destination', options.target];
    const line = machine.inside(options.iptables, rule);
    await run(line.command, line.args);
  }
}
