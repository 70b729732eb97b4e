import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';

import { listen } from './listen.ts';

/** A port that passes its connections on until it is closed. */
export interface PortForward {
  port: number;
  close(): Promise<void>;
}

/**
 * Passes TCP connections from an address that pods reach on to a port of the loopback interface, so that servers
 * there, such as kube-apiserver, need not listen on any other.
 */
export async function forwardPort(host: string, targetPort: number): Promise<PortForward> {
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const target = connect(targetPort, '127.0.0.1');
    for (const [from, to] of [
      [client, target],
      [target, client],
    ] as const) {
      open.add(from);
      from.setNoDelay(true);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        open.delete(from);
        to.destroy();
      });
    }
  });
  const port = await listen(server, host);
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        for (const socket of open) socket.destroy();
      }),
  };
}
