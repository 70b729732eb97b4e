import { resolve } from 'node:path';
import process from 'node:process';

import { cacheRoot } from './binaries/cache.ts';
import { unpackDebianPackages } from './binaries/debian.ts';
import { ensureBinaries } from './binaries/ensure.ts';
import { createRun } from './node/command.ts';
import { writeImageArchive } from './node/image-archive.ts';
import { opsImageOf } from './node/image-list.ts';
import { createTerminal } from './start/terminal.ts';

/** `npm run ops-image -- <archive>`: the image of the toolkit as an OCI archive, without a container engine. */
const [archive, ...rest] = process.argv.slice(2);
if (archive === undefined || rest.length > 0) {
  console.error('usage: npm run ops-image -- <archive.tar>');
  process.exit(2);
}
const { step, print } = createTerminal(false);
step('Looking for busybox and kubectl');
const debian = await unpackDebianPackages(['busybox-static'], { cacheDir: cacheRoot(process.env), log: step });
const { kubectl } = await ensureBinaries(['kubectl'], process.env, step);
step('Writing the image');
const run = createRun({ ...process.env, ...debian.env });
const spec = await opsImageOf(debian, kubectl, run);
const digest = await writeImageArchive(resolve(archive), spec, run);
print(`${archive}: ${spec.name}, ${digest}`);
