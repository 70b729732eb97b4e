import { describe, expect, it } from '@jest/globals';

import { findFreeAddresses } from './addresses.ts';

const HEADER = 'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT';

function route(destination: string, mask: string): string {
  const hex = (address: string): string => Buffer.from(address.split('.').map(Number).reverse()).toString('hex');
  return `eth0\t${hex(destination).toUpperCase()}\t00000000\t0001\t0\t0\t0\t${hex(mask).toUpperCase()}\t0\t0\t0`;
}

function table(...routes: string[]): string {
  return [HEADER, ...routes, ''].join('\n');
}

describe('the addresses of a node', () => {
  it('the addresses of a node are from one subnet, those of its pods from the upper half', () => {
    expect(findFreeAddresses(table(), 0)).toEqual({
      host: '10.213.50.1',
      node: '10.213.50.2',
      linkPrefix: 30,
      podCidr: '10.213.50.128/25',
    });
  });

  it('the addresses of a node are found in spite of a default route', () => {
    expect(findFreeAddresses(table(route('0.0.0.0', '0.0.0.0')), 0).host).toBe('10.213.50.1');
  });

  it('the addresses of a node skip a subnet that another cluster uses', () => {
    const taken = table(route('10.213.50.0', '255.255.255.252'), route('10.213.51.128', '255.255.255.128'));
    expect(findFreeAddresses(taken, 0).host).toBe('10.213.52.1');
  });

  it('the addresses of a node skip a block that is routed as a whole', () => {
    expect(findFreeAddresses(table(route('10.0.0.0', '255.0.0.0')), 3).host).toBe('172.29.53.1');
  });

  it('the search for addresses of a node continues at the first subnet after the last', () => {
    expect(findFreeAddresses(table(route('10.213.249.0', '255.255.255.0')), 199).host).toBe('10.213.50.1');
  });

  it('a node gets no addresses when all blocks are routed', () => {
    const all = table(
      route('10.0.0.0', '255.0.0.0'),
      route('172.16.0.0', '255.240.0.0'),
      route('192.168.0.0', '255.255.0.0'),
    );
    expect(() => findFreeAddresses(all, 0)).toThrow('no free addresses');
  });
});
