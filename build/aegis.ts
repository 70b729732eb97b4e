import { realpathSync } from 'node:fs';
import process from 'node:process';

import launch from '../cli/launch.json' with { type: 'json' };
import { image } from '../manifests/deployment.ts';
import type { Run } from '../devcluster/node/command.ts';
import type { ImageSpec } from '../devcluster/node/images.ts';
import { writeBundle } from './bundle.ts';

/** With the registry that a kubelet asks when none is named. */
const NAME = `docker.io/library/${image}`;
const HOME = 'opt/aegis';

/**
 * The image of all roles: this Node with the libraries of this machine that it needs, and the program as one bundle.
 * There is no shell in it.
 *
 * @param bundleDir an empty folder, which must stay until the image is written
 */
export async function aegisImage(bundleDir: string, run: Run): Promise<ImageSpec> {
  await writeBundle(bundleDir);
  return {
    name: NAME,
    programs: [process.execPath],
    folders: { [HOME]: bundleDir },
    files: await librariesOf(process.execPath, run),
    entrypoint: ['node', ...launch.flags, `/${HOME}/aegis.mjs`],
    command: ['--help'],
    env: launch.env,
    user: '65534',
  };
}

/** The shared libraries of a program and its loader, by the paths at which it looks for them. */
async function librariesOf(program: string, run: Run): Promise<Record<string, string>> {
  const lines = (await run('ldd', [program])).split('\n');
  const paths = lines.flatMap((line) => /(\/\S+) \(0x/.exec(line)?.[1] ?? []);
  return Object.fromEntries(paths.map((path) => [path.slice(1), realpathSync(path)]));
}
