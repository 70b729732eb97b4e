import { describe, expect, it } from '@jest/globals';

import { parseRules } from './egress.ts';

const LISTED = [
  '-P FORWARD DROP',
  '-A FORWARD -i docker0 -j ACCEPT',
  '-A FORWARD -i aegis00b446df -m comment --comment aegis-devcluster-00b446df -j ACCEPT',
  '-A FORWARD -o aegis00b446df -m comment --comment "aegis-devcluster-00b446df" -j ACCEPT',
  '-A FORWARD -i aegisdccf365a -m comment --comment aegis-devcluster-dccf365a -j ACCEPT',
  '',
].join('\n');

describe('the packet filter rules of a node', () => {
  it('the packet filter rules of a node are found by their comment, quoted or not, as arguments to delete them', () => {
    const comment = ['-m', 'comment', '--comment', 'aegis-devcluster-00b446df', '-j', 'ACCEPT'];
    expect(parseRules(LISTED, 'aegis-devcluster-00b446df')).toEqual([
      ['FORWARD', '-i', 'aegis00b446df', ...comment],
      ['FORWARD', '-o', 'aegis00b446df', ...comment],
    ]);
  });

  it('the packet filter rules of a node are distinguished from those of another cluster and of the machine', () => {
    expect(parseRules(LISTED, 'aegis-devcluster-00000000')).toEqual([]);
    expect(parseRules(LISTED, 'FORWARD')).toEqual([]);
  });
});
