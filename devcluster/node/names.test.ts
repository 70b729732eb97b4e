import { describe, expect, it } from '@jest/globals';

import { nodeNames } from './names.ts';

describe('the names of a node', () => {
  it('the names of a node are equal for any spelling of the same folder', () => {
    expect(nodeNames('/tmp/cluster/')).toEqual(nodeNames('/tmp/other/../cluster'));
  });

  it('the names of nodes in different folders differ', () => {
    expect(nodeNames('/tmp/one').link).not.toBe(nodeNames('/tmp/two').link);
  });

  it('the names of a node are short enough for a network device', () => {
    expect(nodeNames('/a/rather/long/path/to/a/data/folder').link.length).toBeLessThanOrEqual(15);
  });
});
