import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { readPidFile, removePidFile, writePidFile } from './pid-file.ts';

const owner = { pid: 10, startedAt: 'boot/1' };
const etcd = { pid: 11, startedAt: 'boot/2' };

describe('the pid file', () => {
  let dir: string;
  let path: string;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'aegis-pid-file-'));
    path = join(dir, 'pids.json');
  });
  afterEach(() => {
    rmSync(dir, { recursive: true });
  });

  it('the pid file names the owner of the folder and its processes', () => {
    writePidFile(path, owner, new Map([['etcd', etcd]]));
    expect(readPidFile(path)).toEqual({ owner, processes: { etcd } });
  });

  it.each(['', '{"owner":', '{"owner":{"pid":-1,"startedAt":""},"processes":{}}', '[]'])(
    'a file with %j is not a pid file, so that no process is killed because of it',
    (content) => {
      writeFileSync(path, content);
      expect(readPidFile(path)).toBeUndefined();
    },
  );

  it('the pid file may be removed twice', () => {
    writePidFile(path, owner, new Map());
    removePidFile(path);
    removePidFile(path);
    expect(existsSync(path)).toBe(false);
  });
});
