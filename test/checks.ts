/** One thing that must hold for the sources as they are, with the command that finds out. */
export interface Check {
  name: string;
  command: readonly [string, ...string[]];
  /** What to do when it does not hold. */
  remedy: string;
}

/** Ignored by git. Each of these tools keeps there what it found in files that have not changed since. */
const cache = '.cache/verify';

/** In the order in which they are started: the longest first, because it runs beside all the others. */
export const checks: readonly Check[] = [
  {
    name: 'lint',
    // The cache does not see that a type in another file has changed. A clean checkout has none, so that the gate does.
    command: [
      ...(['eslint', '--max-warnings', '0'] as const),
      ...['--cache', '--cache-strategy', 'content', '--cache-location', `${cache}/eslint.json`, '.'],
    ],
    remedy: 'change the code; a rule that is wrong is changed in eslint.config.js with a reason',
  },
  {
    name: 'generated files',
    command: ['node', 'manifests/generate.ts', '--check'],
    remedy: 'run `npm run generate` and commit what changed',
  },
  {
    name: 'conformance',
    command: ['node', 'test/conformance.ts'],
    remedy: 'name in docs/conformance.md the tests as they are called now, or say why there is none',
  },
  {
    name: 'links',
    command: ['node', 'test/links.ts'],
    remedy: 'correct the path or the anchor',
  },
  {
    name: 'wording',
    command: ['node', 'test/wording.ts'],
    remedy: 'write the words that are suggested; docs/glossary.md has the terms',
  },
  {
    name: 'types',
    command: ['tsc', '--noEmit', '--incremental', '--tsBuildInfoFile', `${cache}/tsc.tsbuildinfo`, '--project', '.'],
    remedy: 'correct the types',
  },
  {
    name: 'format',
    command: [
      ...(['prettier', '--check', '--log-level', 'warn'] as const),
      ...['--cache', '--cache-strategy', 'content', '--cache-location', `${cache}/prettier.json`, '.'],
    ],
    remedy: 'run `npx prettier --write .`',
  },
  {
    name: 'boundaries',
    command: ['depcruise', '--no-progress', '--output-type', 'err', '.'],
    remedy: 'see the table of rooms in ARCHITECTURE.md',
  },
  {
    name: 'folder cycles',
    command: ['depcruise', '--config', '.dependency-cruiser.folders.cjs', '--no-progress', '--output-type', 'err', '.'],
    remedy: 'move the code that both folders need below them, see ARCHITECTURE.md',
  },
  { name: 'unused code', command: ['knip'], remedy: 'remove what is not used, or mark what users import with @public' },
];
