import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';
import type { Plugin } from 'esbuild';

import { models, standIn } from '../kube/client/lean-client-node.ts';

const ENTRY = fileURLToPath(new URL('../cli/main.ts', import.meta.url));

/** Packages written for `require` find one. */
const REQUIRE = [
  // A name that none of them has: the bundler does not read this.
  "import { createRequire as createRequireOfBundle } from 'node:module';",
  'const require = createRequireOfBundle(import.meta.url);',
].join('\n');

/**
 * Writes `aegis.mjs` and what it loads into a folder: our program with all that it depends on, as JavaScript. Each role
 * loads only its own part. Names are kept as they are, for stack traces.
 */
export async function writeBundle(folder: string): Promise<void> {
  await build({
    entryPoints: { aegis: ENTRY },
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // Of what is imported when it is needed only the modules keep their names for what they export.
    mainFields: ['module', 'main'],
    keepNames: true,
    // What a license asks to be kept with the code stays with it.
    legalComments: 'eof',
    banner: { js: REQUIRE },
    plugins: [leanClientNode],
    logLevel: 'warning',
  });
}

/** The same as `leaveOutModels` does where there is no bundle. */
const leanClientNode: Plugin = {
  name: 'lean-client-node',
  setup(bundler) {
    bundler.onLoad({ filter: new RegExp(`${models.replaceAll('.', '\\.')}$`) }, () => ({ contents: standIn }));
  },
};
