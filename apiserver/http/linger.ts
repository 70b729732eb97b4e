import type { IncomingMessage, ServerResponse } from 'node:http';

/** Milliseconds that a sender gets to read the answer while it is still sending. */
const lingerMs = 1_000;

/** For a request that is answered before its end: whatever is still to come is not read for long, it may be endless. */
export function linger(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('connection', 'close');
  request.on('error', () => undefined);
  request.resume();
  const timer = setTimeout(() => request.destroy(), lingerMs);
  request.once('close', () => {
    clearTimeout(timer);
  });
}
