import { endianness } from 'node:os';

/** Blocks of private addresses that home and office networks, Docker and VPNs seldom use. */
const BLOCKS = ['10.213', '172.29', '192.168'] as const;
const SUBNETS_PER_BLOCK = 200;
const FIRST_SUBNET = 50;

/** The addresses of one node, all from a /24 that the machine has no route to. */
export interface NodeAddresses {
  /** The host as the node sees it. */
  host: string;
  /** The node as the host and Kubernetes see it. */
  node: string;
  /** Prefix length of the cable between the two. */
  linkPrefix: number;
  /** The pods' addresses. */
  podCidr: string;
}

/** A range of IPv4 addresses, both ends inclusive. */
interface Range {
  first: number;
  last: number;
}

/**
 * Finds a free /24 for a node.
 * @param routes the content of `/proc/net/route`
 * @param start where to begin to look, so that two clusters that start at once look in different places
 */
export function findFreeAddresses(routes: string, start: number): NodeAddresses {
  const taken = parseRoutes(routes);
  for (const block of BLOCKS) {
    for (let tries = 0; tries < SUBNETS_PER_BLOCK; tries++) {
      const prefix = `${block}.${FIRST_SUBNET + ((start + tries) % SUBNETS_PER_BLOCK)}`;
      const first = toNumber(`${prefix}.0`);
      if (taken.every((range) => range.last < first || range.first > first + 255)) return addressesIn(prefix);
    }
  }
  throw new Error(`no free addresses for a node: this machine has routes to all of ${BLOCKS.join(', ')}`);
}

function addressesIn(prefix: string): NodeAddresses {
  return { host: `${prefix}.1`, node: `${prefix}.2`, linkPrefix: 30, podCidr: `${prefix}.128/25` };
}

/** The ranges that a machine has routes to, apart from its default route. */
function parseRoutes(routes: string): Range[] {
  return routes
    .trim()
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const fields = line.split(/\s+/);
      const [first, mask] = [fromKernel(fields[1]), fromKernel(fields[7])];
      return mask === 0 ? [] : [{ first, last: first + (0xffffffff - mask) }];
    });
}

/** The kernel prints addresses as hexadecimal numbers in the machine's own byte order. */
function fromKernel(hex = ''): number {
  const bytes = Buffer.from(hex.padStart(8, '0'), 'hex');
  return endianness() === 'LE' ? bytes.readUInt32LE() : bytes.readUInt32BE();
}

function toNumber(address: string): number {
  return Buffer.from(address.split('.').map(Number)).readUInt32BE();
}
