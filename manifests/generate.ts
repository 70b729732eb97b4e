import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { generatedFiles, type Files } from './files.ts';
import { reasonsPage, withReasons } from './guide.ts';

/**
 * `npm run generate`: writes the CustomResourceDefinitions, the other manifests, and the tables of the guide. With
 * `--check` nothing is written: the names of files that differ are printed, and the exit code is 1 when there are any.
 */

const root = path.resolve(import.meta.dirname, '..');

/** Returns the names of files in `folder` that are missing, different or not wanted. */
async function differences(folder: string, wanted: Files): Promise<string[]> {
  const present = (await readdir(folder).catch((): string[] => [])).filter((name) => name.endsWith('.yaml'));
  const stale = present.filter((name) => !wanted.has(name));
  const read = async ([name, text]: [string, string]): Promise<string[]> => {
    const found = await readFile(path.join(folder, name), 'utf8').catch(() => undefined);
    return found === text ? [] : [name];
  };
  return [...stale, ...(await Promise.all([...wanted].map(read))).flat()].sort();
}

async function write(folder: string, wanted: Files, changed: string[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of changed) {
    const file = path.join(folder, name);
    const text = wanted.get(name);
    await (text === undefined ? rm(file) : writeFile(file, text));
  }
}

/** Writes the tables of the page, or returns false with `--check` when they differ. */
async function writeGuide(): Promise<boolean> {
  const file = path.join(root, reasonsPage);
  const page = await readFile(file, 'utf8');
  const wanted = withReasons(page);
  if (page === wanted) return true;
  console.log(`${check ? 'differs from its source' : 'written'}: ${reasonsPage}`);
  if (!check) await writeFile(file, wanted);
  return !check;
}

const check = process.argv.includes('--check');
for (const [name, wanted] of generatedFiles()) {
  const folder = path.join(root, name);
  const changed = await differences(folder, wanted);
  for (const file of changed) {
    const done = wanted.has(file) ? 'written' : 'removed';
    console.log(`${check ? 'differs from its source' : done}: ${name}/${file}`);
  }
  if (check && changed.length > 0) process.exitCode = 1;
  if (!check) await write(folder, wanted, changed);
}
if (!(await writeGuide())) process.exitCode = 1;
