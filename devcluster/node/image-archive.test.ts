import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { createRun } from './command.ts';
import { writeImageArchive } from './image-archive.ts';

const run = createRun(process.env);
// GNU tar, which is where a node can run at all.
const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux('an image as an archive', () => {
  let dir: string;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'archive-'));
  });
  afterEach(() => {
    rmSync(dir, { recursive: true });
  });

  it('an image archive is an OCI layout that names its image, and every blob in it matches its digest', async () => {
    writeFileSync(join(dir, 'hello'), '#!/bin/sh\necho hello\n');
    const archive = join(dir, 'hello.tar');
    const spec = { name: 'docker.io/library/hello:1.0', programs: [join(dir, 'hello')] };
    const digest = await writeImageArchive(archive, spec, run);
    rmSync(join(dir, 'hello'));
    await run('tar', ['-C', dir, '-xf', archive]);
    expect(readdirSync(dir).sort()).toEqual(['blobs', 'hello.tar', 'index.json', 'oci-layout']);
    const { manifests } = JSON.parse(readFileSync(join(dir, 'index.json'), 'utf8')) as { manifests: object[] };
    const annotations = {
      'io.containerd.image.name': 'docker.io/library/hello:1.0',
      'org.opencontainers.image.ref.name': '1.0',
    };
    expect(manifests).toEqual([expect.objectContaining({ digest, annotations })]);
    const blobs = join(dir, 'blobs/sha256');
    const names = readdirSync(blobs);
    expect(names).toHaveLength(3);
    for (const name of names) {
      expect(
        createHash('sha256')
          .update(readFileSync(join(blobs, name)))
          .digest('hex'),
      ).toBe(name);
    }
  });
});
