import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Run } from './command.ts';
import { writeImage, type ImageSpec } from './images.ts';

/**
 * Writes an image as an OCI archive: one file that `ctr images import`, `skopeo copy oci-archive:` and `podman load` take.
 *
 * @returns the digest of its manifest
 */
export async function writeImageArchive(archive: string, spec: ImageSpec, run: Run): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'aegis-image-'));
  try {
    const blobs = join(dir, 'blobs', 'sha256');
    mkdirSync(blobs, { recursive: true });
    const { name, manifest } = await writeImage(blobs, spec, run);
    const annotations = {
      'io.containerd.image.name': name,
      'org.opencontainers.image.ref.name': name.slice(name.lastIndexOf(':') + 1),
    };
    const index = { schemaVersion: 2, manifests: [{ ...manifest, annotations }] };
    writeFileSync(join(dir, 'index.json'), JSON.stringify(index));
    writeFileSync(join(dir, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
    const unfinished = `${archive}.unfinished`;
    await run('tar', ['-C', dir, '-cf', unfinished, 'oci-layout', 'index.json', 'blobs']);
    renameSync(unfinished, archive);
    return manifest.digest;
  } finally {
    rmSync(dir, { recursive: true });
  }
}
