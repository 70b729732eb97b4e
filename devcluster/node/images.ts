import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  createReadStream,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import type { Run } from './command.ts';

/** The content of an image and its entrypoint. */
export interface ImageSpec {
  /** With registry and tag, e.g. `docker.io/library/busybox:latest`. */
  name: string;
  /** Programs of this machine, static unless `files` has their libraries; they go to `/bin` under their own names. */
  programs: readonly string[];
  /** Folders of the image, without the first slash, and the folders of this machine that they are copies of. */
  folders?: Readonly<Record<string, string>>;
  /** Files of the image, without the first slash, and the files of this machine that they are copies of. */
  files?: Readonly<Record<string, string>>;
  /** Names in `/bin` that lead to one of the programs or to a path. */
  links?: Readonly<Record<string, string>>;
  entrypoint?: readonly string[];
  command?: readonly string[];
  env?: Readonly<Record<string, string>>;
  /** User id that containers run as; default root. */
  user?: string;
}

/** A file in a folder of blobs, named by its digest. */
export interface Blob {
  mediaType: string;
  digest: string;
  size: number;
}

/** An image that was written: its name and its manifest. */
export interface Image {
  name: string;
  manifest: Blob;
}

const PASSWD = ['root:x:0:0:root:/root:/bin/sh', 'nobody:x:65534:65534:nobody:/:/bin/sh', ''].join('\n');
const GROUP = ['root:x:0:', 'nobody:x:65534:', ''].join('\n');
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Where a blob lies. */
export function blobPath(dir: string, digest: string): string {
  return join(dir, digest.replace('sha256:', ''));
}

/** Writes an image as OCI blobs (one layer, config, manifest) into a folder. The same programs give the same digests. */
export async function writeImage(dir: string, spec: ImageSpec, run: Run): Promise<Image> {
  mkdirSync(dir, { recursive: true });
  const layer = await writeLayer(dir, spec, run);
  const config = writeJson(dir, 'application/vnd.oci.image.config.v1+json', {
    architecture: { x64: 'amd64', ia32: '386' }[process.arch as string] ?? process.arch,
    os: 'linux',
    config: {
      Env: [`PATH=${PATH}`, ...Object.entries(spec.env ?? {}).map(([name, value]) => `${name}=${value}`)],
      Entrypoint: spec.entrypoint,
      Cmd: spec.command,
      User: spec.user,
      WorkingDir: '/',
    },
    rootfs: { type: 'layers', diff_ids: [layer.digest] },
  });
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  return {
    name: spec.name,
    manifest: writeJson(dir, mediaType, { schemaVersion: 2, mediaType, config, layers: [layer] }),
  };
}

async function writeLayer(dir: string, spec: ImageSpec, run: Run): Promise<Blob> {
  const root = join(dir, `${createHash('sha256').update(spec.name).digest('hex').slice(0, 12)}.root`);
  rmSync(root, { recursive: true, force: true });
  for (const folder of ['bin', 'etc', 'root', 'usr', 'var']) mkdirSync(join(root, folder), { recursive: true });
  mkdirSync(join(root, 'tmp'));
  chmodSync(join(root, 'tmp'), 0o1777);
  const programs = spec.programs.map((program) => [join('bin', basename(program)), program] as const);
  for (const [name, from] of [...programs, ...Object.entries(spec.files ?? {})]) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    copyFileSync(from, join(root, name));
    chmodSync(join(root, name), 0o755);
  }
  for (const [name, from] of Object.entries(spec.folders ?? {})) {
    cpSync(from, join(root, name), { recursive: true });
    // The user of the image must be able to read them, with any umask at checkout.
    await run('chmod', ['-R', 'u=rwX,go=rX', join(root, name.split('/')[0] ?? name)]);
  }
  for (const [name, target] of Object.entries(spec.links ?? {})) symlinkSync(target, join(root, 'bin', name));
  for (const folder of ['usr/bin', 'sbin', 'usr/sbin']) symlinkSync('/bin', join(root, folder));
  writeFileSync(join(root, 'etc', 'passwd'), PASSWD);
  writeFileSync(join(root, 'etc', 'group'), GROUP);

  const archive = `${root}.tar`;
  const reproducible = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--format=ustar'];
  await run('tar', [...reproducible, '-C', root, '-cf', archive, '.']);
  rmSync(root, { recursive: true });
  const hash = createHash('sha256');
  await pipeline(createReadStream(archive), hash);
  const digest = `sha256:${hash.digest('hex')}`;
  renameSync(archive, blobPath(dir, digest));
  return { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest, size: statSync(blobPath(dir, digest)).size };
}

function writeJson(dir: string, mediaType: string, content: object): Blob {
  const text = JSON.stringify(content);
  const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
  writeFileSync(blobPath(dir, digest), text);
  return { mediaType, digest, size: Buffer.byteLength(text) };
}
