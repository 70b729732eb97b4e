import { realpathSync } from 'node:fs';
import process from 'node:process';

import launch from '../cli/launch.json' with { type: 'json' };
import { image } from '../manifests/deployment.ts';
import type { Run } from '../devcluster/node/command.ts';
import type { ImageSpec } from '../devcluster/node/images.ts';
import { writeBundle } from './bundle.ts';

/** Includes the registry that a kubelet uses by default. */
const NAME = `docker.io/library/${image}`;
const HOME = 'opt/aegis';

/**
 * Returns the image of all roles: this Node with the shared libraries that it needs, and the program as one bundle, without
 * a shell.
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

/** Returns the shared libraries of a program and its loader, by the paths at which it loads them. */
async function librariesOf(program: string, run: Run): Promise<Record<string, string>> {
  const lines = (await run('ldd', [program])).split('\n');
  const paths = lines.flatMap((line) => /(\/\S+) \(0x/.exec(line)?.[1] ?? []);
  return Object.fromEntries(paths.map((path) => [path.slice(1), realpathSync(path)]));
}
