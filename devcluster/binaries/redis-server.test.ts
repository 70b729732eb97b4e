import { describe, expect, it } from '@jest/globals';

import { isRecentVersion } from './redis-server.ts';

describe('isRecentVersion', () => {
  it.each([
    ['Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64', true],
    ['Redis server v=6.2.0 sha=0', true],
    ['Redis server v=6.0.16 sha=0', false],
    ['Redis server v=5.0.14 sha=0', false],
    ['something else', false],
  ])('isRecentVersion of %j returns %s', (output, expected) => {
    expect(isRecentVersion(output)).toBe(expected);
  });
});
