import { connect } from 'node:tls';
import { serverName } from './client.ts';
import type { Api } from './in-process.ts';

/** Sends bytes that a client library would not, and reads until the server hangs up. */
export function sendRaw(
  api: Api,
  line: string,
  headers: readonly string[],
  body: string,
): Promise<{ status: number; text: string; json: unknown }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string; json: unknown }>();
  const { port, serverCa } = api.client;
  const socket = connect({ host: '127.0.0.1', port, servername: serverName, ca: serverCa, ...api.identity }, () => {
    const lines = [];
    for (let index = 0; index < headers.length; index += 2) lines.push(`${headers[index]}: ${headers[index + 1]}`);
    socket.write(`${[line, ...lines, 'Connection: close'].join('\r\n')}\r\n\r\n${body}`);
  });
  let received = '';
  socket.on('data', (chunk: Buffer) => (received += chunk.toString('utf8')));
  socket.on('error', reject);
  socket.on('close', () => {
    const [head = '', ...rest] = received.split('\r\n\r\n');
    const text = rest.join('\r\n\r\n');
    resolve({ status: Number(head.split(' ')[1]), text, json: jsonOf(text) });
  });
  return promise;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
