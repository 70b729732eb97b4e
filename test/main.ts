import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { runNode } from './run-node.ts';

interface Totals {
  passed: number;
  failed: number;
  skipped: number;
}

/** A run that ends without a report (a crash of the runner) is a failure, not an empty success. */
async function jest(args: readonly string[]): Promise<Totals> {
  const folder = mkdtempSync(join(tmpdir(), 'aegis-test-'));
  const report = join(folder, 'report.json');
  try {
    const code = await runNode(['node_modules/jest/bin/jest.js', '--json', `--outputFile=${report}`, ...args], {
      NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
    });
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

function add(a: Totals, b: Totals): Totals {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

async function everything(): Promise<Totals> {
  // The linter keeps one core busy and so does Jest, which leaves one free by default.
  const [verifyCode, unit] = await Promise.all([runNode(['test/verify.ts']), jest(['--selectProjects', 'unit'])]);
  // Servers mostly wait for each other, and for pods to come and go: three files at a time keep two cores busy.
  const together = await Promise.all([
    jest(['--selectProjects', 'integration', '--maxWorkers=2']),
    jest(['--selectProjects', 'node', '--runInBand']),
  ]);
  const alone = await jest(['--selectProjects', 'crash', '--runInBand']);
  const totals = [unit, ...together, alone].reduce(add);
  if (verifyCode === 0) return totals;
  console.error('verify failed, see above');
  return { ...totals, failed: totals.failed + 1 };
}

/**
 * `npm test`: verify and the unit tests, then those on real servers, last those that need the machine for themselves.
 * `npm test -- <arguments for Jest>` runs just those tests.
 */
const args = process.argv.slice(2);
const { passed, failed, skipped } = await (args.length === 0 ? everything() : jest(args));
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
