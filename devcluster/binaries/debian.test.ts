import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { silent } from '../log.ts';
import { describeArchives, parseArchives, unpackDebianPackages } from './debian.ts';

describe('the list of archives that apt would fetch', () => {
  const output = [
    "'http://deb.debian.org/debian/pool/main/r/runc/runc_1.1.5%2bds1-1_amd64.deb' runc_1.1.5+ds1-1_amd64.deb 2709960 MD5Sum:553286b2",
    "'http://deb.debian.org/debian/pool/main/r/redis/redis-tools_7_amd64.deb' redis-tools_5%3a7.0.15-1_amd64.deb 991988 ",
    '',
  ].join('\n');

  it('parseArchives reads names and sizes, with or without a checksum', () => {
    expect(parseArchives(output)).toEqual([
      { name: 'runc', bytes: 2_709_960 },
      { name: 'redis-tools', bytes: 991_988 },
    ]);
  });

  it('describeArchives returns one phrase', () => {
    expect(describeArchives(parseArchives(output))).toBe('2 packages, 3.7 MB: redis-tools, runc');
  });
});

describe('packages that the machine has', () => {
  let cacheDir: string;
  beforeEach(() => {
    cacheDir = mkdtempSync(join(tmpdir(), 'debian-'));
  });
  afterEach(() => {
    rmSync(cacheDir, { recursive: true });
  });

  const onDebian = existsSync('/usr/bin/dpkg-query') ? it : it.skip;

  onDebian('unpackDebianPackages finds the programs of installed packages', async () => {
    const debian = await unpackDebianPackages(['coreutils'], { cacheDir, log: silent });
    expect(debian.bin('env')).toBe('/usr/bin/env');
    expect(debian.path('usr/bin')).toBe('/usr/bin');
  });

  onDebian('unpackDebianPackages reports a program that is missing in installed packages', async () => {
    const debian = await unpackDebianPackages(['coreutils'], { cacheDir, log: silent });
    expect(() => debian.bin('no-such-program')).toThrow(/no-such-program is neither in .* nor installed/);
    expect(() => debian.path('usr/no-such-folder')).toThrow(/neither in/);
  });
});
