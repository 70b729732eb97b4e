import { resolve } from 'node:path';
import process from 'node:process';

import type { Log } from '../devcluster/log.ts';
import type { Run } from '../devcluster/node/command.ts';
import { writeImageArchive } from '../devcluster/node/image-archive.ts';
import type { ImageSpec } from '../devcluster/node/images.ts';
import { createTerminal } from '../devcluster/start/terminal.ts';

/**
 * Runs a command that writes an image to the given path, without a container engine.
 *
 * @param script name of the command in package.json
 * @param make returns the image, and the commands to write it with
 */
export async function archiveCommand(
  script: string,
  make: (step: Log) => Promise<{ spec: ImageSpec; run: Run }>,
): Promise<void> {
  const [archive, ...rest] = process.argv.slice(2);
  if (archive === undefined || rest.length > 0) {
    console.error(`usage: npm run ${script} -- <archive.tar>`);
    process.exit(2);
  }
  const { step, print } = createTerminal(false);
  const { spec, run } = await make(step);
  step('Writing the image');
  print(`${archive}: ${spec.name}, ${await writeImageArchive(resolve(archive), spec, run)}`);
}
