import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

/**
 * `npm test`: verify, then the unit tests, then those on real servers, last those that need the machine for themselves.
 * `npm test -- <arguments for Jest>` runs just those tests.
 */
const root = join(import.meta.dirname, '..');

interface Totals {
  passed: number;
  failed: number;
  skipped: number;
}

function node(args: readonly string[], env: NodeJS.ProcessEnv = {}): number {
  const { status, error } = spawnSync(process.execPath, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  if (error !== undefined) throw error;
  return status ?? 1;
}

/** A run that ends without a report (a crash of the runner) is a failure, not an empty success. */
function jest(args: readonly string[]): Totals {
  const folder = mkdtempSync(join(tmpdir(), 'aegis-test-'));
  const report = join(folder, 'report.json');
  try {
    const code = node(['node_modules/jest/bin/jest.js', '--json', `--outputFile=${report}`, ...args], {
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

function everything(): Totals {
  const verified = node(['test/verify.ts']) === 0;
  const totals = [
    jest(['--selectProjects', 'unit']),
    // Servers mostly wait for each other: two files at a time keep two cores busy.
    jest(['--selectProjects', 'integration', '--maxWorkers=2']),
    jest(['--selectProjects', 'alone', '--runInBand']),
  ].reduce(add);
  if (!verified) console.error('verify failed, see above');
  return verified ? totals : { ...totals, failed: totals.failed + 1 };
}

const args = process.argv.slice(2);
const { passed, failed, skipped } = args.length === 0 ? everything() : jest(args);
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
