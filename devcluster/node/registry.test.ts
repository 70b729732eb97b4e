import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { createRun } from './command.ts';
import { blobPath, writeImage, type Image, type ImageSpec } from './images.ts';
import { startRegistry, type Registry } from './registry.ts';

interface Manifest {
  config: { digest: string };
  layers: { digest: string; size: number }[];
}

const run = createRun(process.env);
// GNU tar, which is where a node can run at all.
const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux('an image in the registry', () => {
  let dir: string;
  let spec: ImageSpec;
  let image: Image;
  let registry: Registry;

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'images-'));
    writeFileSync(join(dir, 'hello'), '#!/bin/sh\necho hello\n');
    spec = {
      name: 'docker.io/library/hello:latest',
      programs: [join(dir, 'hello')],
      links: { hi: 'hello' },
      user: '1001',
    };
    image = await writeImage(join(dir, 'blobs'), spec, run);
    registry = await startRegistry('127.0.0.1', join(dir, 'blobs'), [image]);
  });
  afterEach(async () => {
    await registry.close();
    rmSync(dir, { recursive: true });
  });

  it('an image of the registry is found under the name that it has in the original registry', async () => {
    const found = await fetch(`${registry.url}/v2/library/hello/manifests/latest?ns=docker.io`);
    expect(found.status).toBe(200);
    expect(found.headers.get('content-type')).toBe('application/vnd.oci.image.manifest.v1+json');
    expect(found.headers.get('docker-content-digest')).toBe(image.manifest.digest);
    const byDigest = await fetch(`${registry.url}/v2/library/hello/manifests/${image.manifest.digest}?ns=docker.io`);
    expect(await byDigest.text()).toBe(await found.text());
  });

  it('an image of the registry is not found under another registry, tag or method, so that the original registry is asked', async () => {
    for (const path of [
      'hello/manifests/latest?ns=quay.io',
      'hello/manifests/1.0?ns=docker.io',
      'hello/manifests/latest',
    ]) {
      expect((await fetch(`${registry.url}/v2/library/${path}`)).status).toBe(404);
    }
    const put = await fetch(`${registry.url}/v2/library/hello/manifests/latest?ns=docker.io`, { method: 'PUT' });
    expect(put.status).toBe(404);
  });

  it('an image of the registry has blobs that match their digests, and no other file can be read', async () => {
    const manifest = (await (
      await fetch(`${registry.url}/v2/library/hello/manifests/latest?ns=docker.io`)
    ).json()) as Manifest;
    for (const { digest } of [manifest.config, ...manifest.layers]) {
      const blob = await fetch(`${registry.url}/v2/library/hello/blobs/${digest}?ns=docker.io`);
      const bytes = Buffer.from(await blob.arrayBuffer());
      expect(`sha256:${createHash('sha256').update(bytes).digest('hex')}`).toBe(digest);
    }
    for (const reference of ['sha256:..%2F..%2Fhello', '..%2Fhello', `sha256:${'0'.repeat(64)}`]) {
      expect((await fetch(`${registry.url}/v2/library/hello/blobs/${reference}`)).status).toBe(404);
    }
  });

  it('an image of the registry has the programs and links in /bin of its only layer', async () => {
    const text = await (await fetch(`${registry.url}/v2/library/hello/manifests/latest?ns=docker.io`)).text();
    const [layer] = (JSON.parse(text) as Manifest).layers;
    const files = await run('tar', ['-tvf', blobPath(join(dir, 'blobs'), layer!.digest)]);
    expect(files).toMatch(/-rwxr-xr-x 0\/0 .* \.\/bin\/hello/);
    expect(files).toMatch(/\.\/bin\/hi -> hello/);
    expect(files).toMatch(/drwxrwxrwt 0\/0 .* \.\/tmp\//);
  });

  it('an image of the registry has the same digest when it is written again', async () => {
    expect(await writeImage(join(dir, 'again'), spec, run)).toEqual(image);
  });
});
