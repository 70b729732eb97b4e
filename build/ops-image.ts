import process from 'node:process';

import { cacheRoot } from '../devcluster/binaries/cache.ts';
import { unpackDebianPackages } from '../devcluster/binaries/debian.ts';
import { ensureBinaries } from '../devcluster/binaries/ensure.ts';
import { archiveCommand } from './archive-command.ts';
import { createRun } from '../devcluster/node/command.ts';
import { opsImageOf } from '../devcluster/node/image-list.ts';

/** `npm run ops-image -- <archive>`: the image of the toolkit as an OCI archive. */
await archiveCommand('ops-image', async (step) => {
  step('Looking for busybox and kubectl');
  const debian = await unpackDebianPackages(['busybox-static'], { cacheDir: cacheRoot(process.env), log: step });
  const { kubectl } = await ensureBinaries(['kubectl'], process.env, step);
  const run = createRun({ ...process.env, ...debian.env });
  return { spec: await opsImageOf(debian, kubectl, run), run };
});
