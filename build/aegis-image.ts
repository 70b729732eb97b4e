import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

import { aegisImage } from './aegis.ts';
import { archiveCommand } from './archive-command.ts';
import { createRun } from '../devcluster/node/command.ts';

const bundle = mkdtempSync(join(tmpdir(), 'aegis-bundle-'));
process.once('exit', () => {
  rmSync(bundle, { recursive: true });
});

/** `npm run image -- <archive>`: the image of Aegis as an OCI archive. */
await archiveCommand('image', async (step) => {
  step('Bundling the program');
  const run = createRun(process.env);
  return { spec: await aegisImage(bundle, run), run };
});
