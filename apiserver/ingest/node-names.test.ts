import { describe, expect, it } from '@jest/globals';
import type { Node } from '../../kube/kinds/node.ts';
import { createNodeNames } from './node-names.ts';

function node(name: string, ...addresses: string[]): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name },
    status: { addresses: addresses.map((address) => ({ type: 'InternalIP', address })) },
  };
}

describe('names of nodes', () => {
  it('a Node is found by its name and its current addresses', () => {
    const names = createNodeNames();
    names.observe(node('a', '10.0.0.1', 'fd00::1'));
    expect(['a', '10.0.0.1', 'fd00::1', 'b'].map((host) => names.nodeOf(host))).toEqual(['a', 'a', 'a', undefined]);
    names.observe(node('a', '10.0.0.2'));
    expect(['10.0.0.1', '10.0.0.2'].map((host) => names.nodeOf(host))).toEqual([undefined, 'a']);
    names.observe(node('b', '10.0.0.2'));
    names.observeGone(node('a'));
    expect(['a', '10.0.0.2'].map((host) => names.nodeOf(host))).toEqual([undefined, 'b']);
  });
});
