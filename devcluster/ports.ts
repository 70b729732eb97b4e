import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';

import { z } from 'zod';

// Below the range that kernels pick outgoing ports from: a server that is restarted must find its port still free.
const LOWEST = 20_000;
const HIGHEST = 29_999;
const TRIES = 200;

/** Picks free TCP ports, at random so that two clusters that start at once do not pick the same. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  for (let tries = 0; ports.size < count; tries++) {
    if (tries >= TRIES) throw new Error(`cannot find ${count} free ports between ${LOWEST} and ${HIGHEST}`);
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST + 1));
    if (!ports.has(port) && (await isFree(port))) ports.add(port);
  }
  return [...ports];
}

/** Returns whether a port is free on every address. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen({ port, exclusive: true }, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

/**
 * The ports of a cluster by name, kept in a file, so that a cluster that is started again on the same data is found
 * under the same addresses; a port that another process took meanwhile is replaced.
 */
export async function openPorts<Name extends string>(
  file: string,
  names: readonly Name[],
): Promise<Record<Name, number>> {
  const known = readPorts(file);
  const fresh = await freePorts(names.length);
  const ports: Partial<Record<Name, number>> = {};
  for (const [index, name] of names.entries()) {
    const before = known[name];
    ports[name] = before !== undefined && (await isFree(before)) ? before : (fresh[index] ?? 0);
  }
  writeFileSync(file, `${JSON.stringify({ ...known, ...ports }, undefined, 2)}\n`);
  return ports as Record<Name, number>;
}

function readPorts(file: string): Record<string, number> {
  try {
    return z.record(z.string(), z.int().positive()).parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return {};
  }
}
