/** Unit tests lie beside the code; `test/` holds those that need real servers. Projects are chosen by `--selectProjects`. */
const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' }, sourceMaps: 'inline' },
    ],
  },
};

/** Real nodes and Argo's controller take ports and names of the machine, and a crash needs all of it: one at a time. */
const alone = ['crash', 'devcluster', 'example', 'toolkit'];

export default {
  // Real servers take their time on a busy machine; a test that hangs is found soon enough.
  testTimeout: 60_000,
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/'],
    },
    {
      ...shared,
      displayName: 'integration',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', ...alone.map((folder) => `<rootDir>/test/${folder}/`)],
    },
    { ...shared, displayName: 'alone', testMatch: alone.map((folder) => `<rootDir>/test/${folder}/**/*.test.ts`) },
  ],
};
