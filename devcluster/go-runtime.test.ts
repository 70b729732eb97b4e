import { describe, expect, it } from '@jest/globals';

import { goRuntime } from './go-runtime.ts';

const GIB = 1024 ** 3;

describe('goRuntime', () => {
  it('goRuntime limits the memory of a server to a sixth of that of the machine', () => {
    expect(goRuntime(24 * GIB, {})).toEqual({ GOGC: '300', GOMEMLIMIT: '4096MiB' });
  });

  it('goRuntime allows a server 1 GiB on a small machine, so that its garbage collector can rest', () => {
    expect(goRuntime(2 * GIB, {})).toMatchObject({ GOMEMLIMIT: '1024MiB' });
  });

  it('goRuntime keeps the limit of the environment', () => {
    expect(goRuntime(24 * GIB, { GOMEMLIMIT: '600MiB', PATH: '/bin' })).toEqual({
      ...{ GOGC: '300', GOMEMLIMIT: '600MiB', PATH: '/bin' },
    });
  });
});
