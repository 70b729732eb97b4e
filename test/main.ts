import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { STARTS_VARIABLE } from '../devcluster/control-plane.ts';
import { runEverything, type Totals } from './everything.ts';
import { createControlPlanes } from './harness/control-planes.ts';
import { lenderVariable, startLender } from './harness/lending.ts';
import { ensureServers, serversOf, type Servers } from './programs.ts';
import { readNode, runNode } from './run-node.ts';

const JEST = 'node_modules/jest/bin/jest.js';
const forJest = { NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning' };

/** A run that ends without a report (a crash of the runner) is a failure, not an empty success. */
async function jest(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Totals> {
  const folder = mkdtempSync(join(tmpdir(), 'aegis-test-'));
  const report = join(folder, 'report.json');
  try {
    const code = await runNode([JEST, '--json', `--outputFile=${report}`, ...args], { ...forJest, ...env });
    return readReport(report, code);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readReport(file: string, code: number): Totals {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>;
    const passed = report['numPassedTests'] ?? 0;
    const failed = (report['numFailedTests'] ?? 0) + (report['numRuntimeErrorTestSuites'] ?? 0);
    const skipped = report['numPendingTests'] ?? 0;
    return { passed, skipped, failed: code !== 0 && failed === 0 ? 1 : failed };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

function prepare(servers: Servers): Promise<void> {
  return ensureServers(servers, process.env, say);
}

function say(line: string): void {
  console.error(line);
}

/** Runs tests to which control planes are lent. */
async function withControlPlanes<T>(run: (env: NodeJS.ProcessEnv) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'aegis-test-'));
  const starts = join(folder, 'control-planes.log');
  writeFileSync(starts, '');
  process.env[STARTS_VARIABLE] = starts;
  const lender = await startLender(createControlPlanes(say));
  try {
    return await run({ [lenderVariable]: lender.socket });
  } finally {
    await lender.stop();
    console.log(`${readFileSync(starts, 'utf8').split('\n').length - 1} control planes were started`);
    rmSync(folder, { recursive: true, force: true });
  }
}

function everything(env: NodeJS.ProcessEnv): Promise<Totals> {
  return runEverything({
    // The linter keeps one core busy and so does Jest, which leaves one free by default.
    verify: async () => (await runNode(['test/verify.ts'])) === 0,
    unit: () => jest(['--selectProjects', 'unit']),
    prepare: () => prepare('nodes'),
    onServers: [
      // Servers mostly wait for each other, and for pods to come and go: three files at a time keep two cores busy.
      [
        () => jest(['--selectProjects', 'integration', '--maxWorkers=2'], env),
        () => jest(['--selectProjects', 'node', '--runInBand'], env),
      ],
      [() => jest(['--selectProjects', 'crash', '--runInBand'], env)],
    ],
    report: say,
  });
}

async function some(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Totals> {
  const files = (await readNode([JEST, '--listTests', ...args], forJest)).trim().split('\n');
  await prepare(serversOf(files, join(import.meta.dirname, '..')));
  return jest(args, env);
}

/**
 * `npm test`: verify and the unit tests, then those on real servers, last those that need the machine for themselves.
 * `npm test -- <arguments for Jest>` runs just those tests. Programs that a machine lacks are built first.
 */
const args = process.argv.slice(2);
const { passed, failed, skipped } = await withControlPlanes((env) =>
  args.length === 0 ? everything(env) : some(args, env),
);
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
