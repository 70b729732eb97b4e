import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { expect, it } from '@jest/globals';

import { forwardPort } from './port-forward.ts';

it('a port forward passes connections on, and survives a stopped server behind it', async () => {
  const server = createServer((_request, response) => response.end('hello'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const forward = await forwardPort('127.0.0.1', (server.address() as AddressInfo).port);
  const url = `http://127.0.0.1:${forward.port}`;
  try {
    expect(await (await fetch(url)).text()).toBe('hello');
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await expect(fetch(url)).rejects.toThrow();
    await expect(fetch(url)).rejects.toThrow();
  } finally {
    await forward.close();
  }
  await expect(fetch(url)).rejects.toThrow();
});
