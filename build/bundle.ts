import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';
import type { Plugin } from 'esbuild';

import { models, standIn } from '../kube/client/lean-client-node.ts';

const ENTRY = fileURLToPath(new URL('../cli/main.ts', import.meta.url));

/** Provides `require` to packages that need it. */
const REQUIRE = [
  // A name that no package uses, because the bundler does not read this.
  "import { createRequire as createRequireOfBundle } from 'node:module';",
  'const require = createRequireOfBundle(import.meta.url);',
].join('\n');

/**
 * Writes `aegis.mjs` and its chunks to a folder: the program with all dependencies, as JavaScript. Each role
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
    // Dynamic imports use the export names of modules, so only these are kept.
    mainFields: ['module', 'main'],
    keepNames: true,
    // Licenses that must accompany the code stay in it.
    legalComments: 'eof',
    banner: { js: REQUIRE },
    plugins: [leanClientNode],
    logLevel: 'warning',
  });
}

/** Does the same as `leaveOutModels` for the bundle. */
const leanClientNode: Plugin = {
  name: 'lean-client-node',
  setup(bundler) {
    bundler.onLoad({ filter: new RegExp(`${models.replaceAll('.', '\\.')}$`) }, () => ({ contents: standIn }));
  },
};
