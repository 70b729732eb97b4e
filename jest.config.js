/** Unit tests lie beside the code; the folders of `test/` hold those that need real servers. Projects are chosen by `--selectProjects`. */
const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2024', experimental: { keepImportAttributes: true } },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
};

/** Real nodes and Argo's controller take ports and names of the machine: one at a time, but beside other tests. */
const node = ['devcluster', 'example', 'pods', 'toolkit'];
/** Need all of the machine. */
const crash = ['crash'];

const inFolders = (folders) => folders.map((folder) => `<rootDir>/test/${folder}/**/*.test.ts`);

export default {
  // Real servers take their time on a busy machine; a test that hangs is found soon enough.
  testTimeout: 60_000,
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/[^/]+/'],
    },
    {
      ...shared,
      displayName: 'integration',
      testMatch: ['<rootDir>/test/*/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', ...[...node, ...crash].map((folder) => `<rootDir>/test/${folder}/`)],
    },
    { ...shared, displayName: 'node', testMatch: inFolders(node) },
    { ...shared, displayName: 'crash', testMatch: inFolders(crash) },
  ],
};
