import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { freePorts, isFree, openPorts } from './ports.ts';

describe('freePorts', () => {
  it('freePorts returns different ports below those that kernels use for outgoing connections', async () => {
    const ports = await freePorts(20);
    expect(new Set(ports).size).toBe(20);
    expect(ports.every((port) => port >= 20_000 && port < 30_000)).toBe(true);
  });
});

describe('openPorts', () => {
  let dir: string;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'aegis-ports-'));
  });
  afterEach(() => {
    rmSync(dir, { recursive: true });
  });

  it('openPorts returns the same ports again, except for one that another process uses', async () => {
    const file = join(dir, 'ports.json');
    const before = await openPorts(file, ['etcd', 'apiserver']);
    const thief = createServer();
    await new Promise<void>((resolve) => thief.listen(before.etcd, '127.0.0.1', resolve));
    const after = await openPorts(file, ['etcd', 'apiserver']);
    const taken = await isFree(before.etcd);
    await new Promise((resolve) => thief.close(resolve));
    expect(after.apiserver).toBe(before.apiserver);
    expect(after.etcd).not.toBe(before.etcd);
    expect(taken).toBe(false);
  });
});
