import type { IncomingMessage, ServerResponse } from 'node:http';

/** Milliseconds that a client has to read the answer while it is still sending. */
const lingerMs = 1_000;

/** Closes the connection of a request that is answered before its end, which may never come. */
export function linger(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('connection', 'close');
  request.on('error', () => undefined);
  request.resume();
  const timer = setTimeout(() => request.destroy(), lingerMs);
  request.once('close', () => {
    clearTimeout(timer);
  });
}
