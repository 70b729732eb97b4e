import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';

import { aegisImage } from './image/aegis.ts';
import { createRun } from './node/command.ts';
import { writeImageArchive } from './node/image-archive.ts';
import { createTerminal } from './start/terminal.ts';

/** `npm run image -- <archive>`: the image of Aegis as an OCI archive, without a container engine. */
const [archive, ...rest] = process.argv.slice(2);
if (archive === undefined || rest.length > 0) {
  console.error('usage: npm run image -- <archive.tar>');
  process.exit(2);
}
const { step, print } = createTerminal(false);
const run = createRun(process.env);
const bundle = mkdtempSync(join(tmpdir(), 'aegis-bundle-'));
try {
  step('Bundling the program');
  const spec = await aegisImage(bundle, run);
  step('Writing the image');
  const digest = await writeImageArchive(resolve(archive), spec, run);
  print(`${archive}: ${spec.name}, ${digest}`);
} finally {
  rmSync(bundle, { recursive: true });
}
