import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

import { answersOk } from '../../devcluster/probe.ts';

/** A process behind a Service. */
export interface Replica {
  /** On 127.0.0.1. */
  readonly port: number;
  /** URL that answers 200 while the replica wants connections. */
  readonly ready: string;
}

/** Stands for a Service with its kube-proxy. */
export interface ServiceProxy {
  /** On 127.0.0.1. */
  readonly port: number;
  /** How many connections have come in so far. */
  accepted(): number;
  /** Those that get new connections now. */
  endpoints(): readonly Replica[];
  /** Other replicas from now on; connections to the old ones stay open. */
  setReplicas(replicas: readonly Replica[]): Promise<void>;
  stop(): Promise<void>;
}

const probeIntervalMs = 1_000;

/**
 * Forwards new connections to replicas that were ready when last asked, one after the other; without any, connections
 * are reset, as kube-proxy rejects them. As with real endpoints, a replica gets new connections for a while after it
 * has stopped being ready, and established connections last.
 */
export async function startServiceProxy(replicas: readonly Replica[]): Promise<ServiceProxy> {
  const sockets = new Set<Socket>();
  let all = replicas;
  let ready: readonly Replica[] = [];
  let turn = 0;
  let accepted = 0;
  const look = async (): Promise<void> => {
    const asked = all;
    const answers = await Promise.all(asked.map((replica) => answersOk(replica.ready)));
    if (asked === all) ready = asked.filter((_, index) => answers[index]);
  };
  const server = createServer((near) => {
    accepted += 1;
    const target = ready[turn++ % Math.max(1, ready.length)];
    if (target === undefined) {
      near.resetAndDestroy();
      return;
    }
    join(near, connect(target.port, '127.0.0.1'), sockets);
  });
  await look();
  const timer = setInterval(() => void look(), probeIntervalMs);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    accepted: () => accepted,
    endpoints: () => ready,
    setReplicas: async (next) => {
      all = next;
      await look();
    },
    stop: async () => {
      clearInterval(timer);
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function join(near: Socket, far: Socket, sockets: Set<Socket>): void {
  for (const [socket, other] of [
    [near, far],
    [far, near],
  ] as const) {
    sockets.add(socket);
    socket.setNoDelay();
    socket.on('error', () => undefined);
    socket.on('end', () => other.end());
    socket.on('close', () => {
      sockets.delete(socket);
      other.destroy();
    });
    socket.pipe(other, { end: false });
  }
}
