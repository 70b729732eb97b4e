/** One thing that must hold for the sources as they are, with the command that finds out. */
export interface Check {
  name: string;
  command: readonly [string, ...string[]];
  /** What to do when it does not hold. */
  remedy: string;
}

/** In the order in which they are run: the quick and telling ones first. */
export const checks: readonly Check[] = [
  {
    name: 'generated files',
    command: ['node', 'manifests/generate.ts', '--check'],
    remedy: 'run `npm run generate` and commit what changed',
  },
  {
    name: 'format',
    command: ['prettier', '--check', '--log-level', 'warn', '.'],
    remedy: 'run `npx prettier --write .`',
  },
  { name: 'types', command: ['tsc', '--noEmit', '--project', '.'], remedy: 'mend the types' },
  {
    name: 'boundaries',
    command: ['depcruise', '--no-progress', '--output-type', 'err', '.'],
    remedy: 'see the table of rooms in ARCHITECTURE.md',
  },
  { name: 'unused code', command: ['knip'], remedy: 'remove what nobody uses, or mark what users import with @public' },
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
    name: 'lint',
    command: ['eslint', '--max-warnings', '0', '.'],
    remedy: 'mend it; a rule that is wrong is changed in eslint.config.js with a reason',
  },
];
