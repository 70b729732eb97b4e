import { describe, expect, it } from '@jest/globals';

import { missingCapabilities } from './requirements.ts';

describe('the capabilities of a process', () => {
  it('suffice when it has all but the one to raise resource limits', () => {
    expect(missingCapabilities('Name:\tnode\nCapEff:\t000001fffeffffff\n')).toEqual([]);
  });

  it('do not suffice in a container with the usual set', () => {
    expect(missingCapabilities('CapEff:\t00000000a80425fb\n')).toEqual(['CAP_NET_ADMIN', 'CAP_SYS_ADMIN']);
  });

  it('do not suffice for a normal user', () => {
    expect(missingCapabilities('CapEff:\t0000000000000000\n')).toHaveLength(4);
    expect(missingCapabilities('')).toHaveLength(4);
  });
});
