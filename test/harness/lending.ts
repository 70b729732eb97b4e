import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import type { Contents, ControlPlanes, Loan, ProcessAction } from './control-planes.ts';

/** Names the socket at which the runner of the tests lends control planes to the processes that run them. */
export const lenderVariable = 'AEGIS_TEST_CONTROL_PLANES';

type Call =
  | { call: 'lend'; wanted: Contents }
  | { call: 'act'; id: number; name: string; action: ProcessAction }
  | { call: 'reset'; id: number; wanted: Contents }
  | { call: 'takeBack'; id: number };

/** A server of control planes for other processes. */
export interface Lender {
  /** To be set as `lenderVariable`. */
  readonly socket: string;
  /** Ends the server and all control planes. */
  stop(): Promise<void>;
}

export async function startLender(planes: ControlPlanes): Promise<Lender> {
  const folder = mkdtempSync(join(tmpdir(), 'aegis-lender-'));
  const socket = join(folder, 'socket');
  const server = createServer((incoming, outgoing) => {
    answer(planes, incoming).then(
      (result) => outgoing.end(JSON.stringify(result ?? null)),
      (error: unknown) => outgoing.writeHead(500).end(JSON.stringify(String(error))),
    );
  });
  server.listen(socket);
  await once(server, 'listening');
  return {
    socket,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await planes.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function answer(planes: ControlPlanes, incoming: IncomingMessage): Promise<unknown> {
  const asked = (await json(incoming)) as Call;
  if (asked.call === 'lend') return planes.lend(asked.wanted);
  if (asked.call === 'act') return planes.act(asked.id, asked.name, asked.action);
  if (asked.call === 'reset') return planes.reset(asked.id, asked.wanted);
  return planes.takeBack(asked.id);
}

/** The control planes of another process. `stop` leaves them to it. */
export function remoteControlPlanes(socketPath: string): ControlPlanes {
  const call = async (asked: Call): Promise<unknown> => {
    // A connection of its own for each call: the lender closes idle ones after seconds.
    const outgoing = request({ socketPath, method: 'POST', agent: false });
    const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>;
    outgoing.end(JSON.stringify(asked));
    const [incoming] = await answered;
    const result = await json(incoming);
    if (incoming.statusCode !== 200) throw new Error(String(result));
    return result;
  };
  return {
    lend: async (wanted) => (await call({ call: 'lend', wanted })) as Loan,
    act: async (id, name, action) => {
      await call({ call: 'act', id, name, action });
    },
    reset: async (id, wanted) => {
      await call({ call: 'reset', id, wanted });
    },
    takeBack: async (id) => {
      await call({ call: 'takeBack', id });
    },
    stop: () => Promise.resolve(),
  };
}
