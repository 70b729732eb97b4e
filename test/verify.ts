import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { checks, type Check } from './checks.ts';

/**
 * `npm run verify [name...]`: checks of the sources that need not run them. Exits 1 when any of them does not hold,
 * after all of them have been run. Two run at a time; the output of each appears when it ends.
 */
const root = join(import.meta.dirname, '..');
const path = [join(root, 'node_modules', '.bin'), process.env['PATH']].join(delimiter);
const atATime = 2;

async function holds({ name, command: [program, ...args], remedy }: Check): Promise<boolean> {
  const started = performance.now();
  const child = spawn(program, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PATH: path },
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [status, ...printed] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(printed.join(''));
  console.log(status === 0 ? `verify: ${name} (${seconds} s)` : `verify: ${name} FAILED (${seconds} s): ${remedy}`);
  return status === 0;
}

const wanted = process.argv.slice(2);
const chosen = checks.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const left = [...chosen];
const results: boolean[] = [];

async function lane(): Promise<void> {
  for (let check = left.shift(); check !== undefined; check = left.shift()) results.push(await holds(check));
}

await Promise.all(Array.from({ length: atATime }, lane));
process.exitCode = results.every(Boolean) && chosen.length > 0 ? 0 : 1;
