import { spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { checks, type Check } from './checks.ts';

/**
 * `npm run verify [name...]`: what must hold for the sources without running them. Exits 1 when anything does not, after
 * having looked at everything.
 */
const root = join(import.meta.dirname, '..');
const path = [join(root, 'node_modules', '.bin'), process.env['PATH']].join(delimiter);

function holds({ name, command: [program, ...args], remedy }: Check): boolean {
  const started = performance.now();
  const { status, error } = spawnSync(program, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH: path },
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (error !== undefined) throw error;
  console.log(status === 0 ? `verify: ${name} (${seconds} s)` : `verify: ${name} FAILED (${seconds} s): ${remedy}`);
  return status === 0;
}

const wanted = process.argv.slice(2);
const chosen = checks.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const failed = chosen.filter((check) => !holds(check));
process.exitCode = failed.length === 0 && chosen.length > 0 ? 0 : 1;
