import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { silent } from '../log.ts';
import { identify } from '../supervision/identity.ts';
import { withLock } from './lock.ts';

describe('withLock', () => {
  let dir: string;
  let path: string;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'aegis-lock-'));
    path = join(dir, 'build.lock');
  });
  afterEach(() => {
    rmSync(dir, { recursive: true });
  });

  it('withLock leaves no file behind, not even when the work fails', async () => {
    const work = withLock(path, silent, () => Promise.reject(new Error('no compiler')));
    await expect(work).rejects.toThrow('no compiler');
    expect(readdirSync(dir)).toEqual([]);
  });

  it('withLock takes over from a dead holder', async () => {
    writeFileSync(path, JSON.stringify({ pid: process.pid, startedAt: 'an earlier boot/1' }));
    expect(await withLock(path, silent, () => Promise.resolve('done'))).toBe('done');
  });

  it('withLock waits for a living holder and logs which one', async () => {
    writeFileSync(path, JSON.stringify(identify(process.ppid)));
    const lines: string[] = [];
    let worked = false;
    const work = withLock(
      path,
      (line) => {
        lines.push(line);
        expect(worked).toBe(false);
        rmSync(path);
      },
      () => {
        worked = true;
        return Promise.resolve();
      },
    );
    await work;
    expect(lines).toEqual([`Waiting for process ${process.ppid}, which holds ${path}`]);
  });
});
