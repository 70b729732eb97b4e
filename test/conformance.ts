import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

/**
 * Holds docs/conformance.md against the tests: each requirement has one row, and each test that a row names exists under
 * that name. A part that no test proves begins with one of `excuses`.
 */
const root = join(import.meta.dirname, '..');
const document = readFileSync(join(root, 'docs', 'conformance.md'), 'utf8');

const requirements = [...numbered('AGG', 61), ...numbered('NODE', 14)];
const excuses = ['does not apply: ', 'by construction: ', 'measured: ', 'not proven: '];

function numbered(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index + 1}`);
}

/** Cells of the table's rows: id, requirement, proof. */
const rows = document
  .split('\n')
  .filter((line) => /^\| *(AGG|NODE)-\d+ /.test(line))
  .map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

/** Returns the problems of a cell such as `` `test/a.test.ts`: does this; `b.test.ts`: does that; not proven: the rest ``. */
function problemsOf(proof: string): string[] {
  return proof.split('; ').flatMap((part) => {
    if (excuses.some((excuse) => part.toLowerCase().startsWith(excuse))) return [];
    const [, file = '', title = ''] = /^`([^`]+\.test\.ts)`: (.+)$/.exec(part) ?? [];
    if (file === '') return [`"${part}" names no test, and no reason that begins with ${excuses.join(', ')}`];
    const path = join(root, file);
    if (!existsSync(path)) return [`there is no ${file}`];
    const source = readFileSync(path, 'utf8').replaceAll("\\'", "'");
    const found = [`'${title}'`, `"${title}"`, `\`${title}\``].some((quoted) => source.includes(quoted));
    return found ? [] : [`${file} has no test "${title}"`];
  });
}

const counts = Map.groupBy(rows, ([id = '']) => id);
const problems = [
  ...requirements.filter((id) => counts.get(id)?.length !== 1).map((id) => `${id}: needs one row`),
  ...[...counts.keys()].filter((id) => !requirements.includes(id)).map((id) => `${id}: is no requirement`),
  ...rows.flatMap(([id = '', , proof = '']) => problemsOf(proof).map((problem) => `${id}: ${problem}`)),
];
for (const problem of problems) console.log(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
