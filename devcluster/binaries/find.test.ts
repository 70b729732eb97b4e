import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { findBinary, mentionsVersion } from './find.ts';
import type { Binary, Tool } from './tools.ts';

const etcd: Binary = { name: 'etcd', tool: 'etcd', mainPackage: '', seconds: 1, versionArgs: ['--version'] };
const tool: Tool = { name: 'etcd', module: 'm', moduleDir: '/', version: 'v3.6.5', ldflags: '', hash: 'h' };

describe('findBinary', () => {
  let dir: string;
  const folder = (name: string): string => join(dir, name);

  function install(where: string, version: string): string {
    mkdirSync(folder(where), { recursive: true });
    const path = join(folder(where), 'etcd');
    writeFileSync(path, `#!/bin/sh\necho "etcd Version: ${version}"\n`);
    chmodSync(path, 0o755);
    return path;
  }

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'aegis-find-'));
  });
  afterEach(() => {
    rmSync(dir, { recursive: true });
  });

  const find = (env: NodeJS.ProcessEnv) => findBinary(etcd, tool, folder('cache'), env);

  it('findBinary prefers KUBEBUILDER_ASSETS to the cache, and the cache to PATH', async () => {
    const onPath = install('path', '3.6.5');
    expect(await find({ PATH: folder('path') })).toEqual({ path: onPath, source: 'PATH' });
    const cached = install('cache', '3.6.5');
    expect(await find({ PATH: folder('path') })).toEqual({ path: cached, source: 'cache' });
    const asset = install('assets', '3.5.0');
    const env = { PATH: folder('path'), KUBEBUILDER_ASSETS: folder('assets') };
    expect(await find(env)).toEqual({ path: asset, source: 'KUBEBUILDER_ASSETS' });
  });

  it('findBinary skips another version on PATH and continues with the next folder', async () => {
    install('old', '3.4.23');
    const right = install('new', '3.6.5');
    expect(await find({ PATH: `${folder('old')}:${folder('new')}` })).toEqual({ path: right, source: 'PATH' });
    expect(await find({ PATH: folder('old') })).toBeUndefined();
  });

  it('findBinary skips files that are not executable, and empty settings', async () => {
    chmodSync(install('cache', '3.6.5'), 0o644);
    expect(await find({ PATH: '', KUBEBUILDER_ASSETS: '' })).toBeUndefined();
  });
});

describe('mentionsVersion', () => {
  it.each(['Kubernetes v1.36.3', 'etcd Version: 1.36.3\nGit SHA: x', 'kwok version v1.36.3 go1.26', 'v1.36.3+unknown'])(
    'mentionsVersion finds the version in %j',
    (output) => {
      expect(mentionsVersion(output, 'v1.36.3')).toBe(true);
    },
  );

  it.each(['Kubernetes v1.36.30', 'v11.36.3', 'v1.36.3-rc.0', 'v1.36', 'v1x36x3', ''])(
    'mentionsVersion does not find the version in %j',
    (output) => {
      expect(mentionsVersion(output, 'v1.36.3')).toBe(false);
    },
  );
});
