import type { ParseContext } from '../../alerts/incoming.ts';
import type { Node } from '../../kube/kinds/node.ts';

/** Finds Nodes by host name and address; fed by a watch, and empty where Aegis may not read Nodes. */
export interface NodeNames extends ParseContext {
  observe(node: Node): void;
  observeGone(node: Node): void;
}

export function createNodeNames(): NodeNames {
  /** Name of the Node by host name and address. */
  const names = new Map<string, string>();
  const hostsOf = new Map<string, readonly string[]>();

  function forget(name: string): void {
    for (const host of hostsOf.get(name) ?? []) if (names.get(host) === name) names.delete(host);
    hostsOf.delete(name);
  }

  return {
    nodeOf: (host) => names.get(host),
    observe: (node) => {
      const { name } = node.metadata;
      forget(name);
      const hosts = [name, ...(node.status?.addresses ?? []).map(({ address }) => address)];
      hostsOf.set(name, hosts);
      for (const host of hosts) names.set(host, name);
    },
    observeGone: (node) => {
      forget(node.metadata.name);
    },
  };
}
