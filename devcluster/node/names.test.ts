import { describe, expect, it } from '@jest/globals';

import { nodeNames } from './names.ts';

describe('the names of a node', () => {
  it('are the same for the same folder, however it is written', () => {
    expect(nodeNames('/tmp/cluster/')).toEqual(nodeNames('/tmp/other/../cluster'));
  });

  it('differ from folder to folder', () => {
    expect(nodeNames('/tmp/one').link).not.toBe(nodeNames('/tmp/two').link);
  });

  it('fit into what the kernel allows for a network device', () => {
    expect(nodeNames('/a/rather/long/path/to/a/data/folder').link.length).toBeLessThanOrEqual(15);
  });
});
