import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import process from 'node:process';

/** `npm run verify -- links`: relative links and anchors of all Markdown files lead somewhere; exits 1 when one does not. */
const root = join(import.meta.dirname, '..');
const documents = new Map(
  globSync('**/*.md', { cwd: root, exclude: ['**/node_modules'] }).map((path) => [path, withoutCode(path)] as const),
);

function withoutCode(path: string): string {
  return readFileSync(join(root, path), 'utf8').replaceAll(/^( *)```.*?^\1```/gms, (block) =>
    block.replaceAll(/[^\n]/g, ''),
  );
}

/** Returns the anchors of a document's headings, as GitHub makes them. */
function anchorsOf(path: string): Set<string> {
  const headings = [...(documents.get(path) ?? '').matchAll(/^#+ +(.*)$/gm)].map(([, title = '']) => title);
  return new Set(
    headings.map((title) =>
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

function problemOf(path: string, link: string): string | undefined {
  const [file = '', anchor] = link.split('#');
  const target = file === '' ? path : normalize(join(dirname(path), file));
  if (!existsSync(join(root, target))) return `${target} does not exist`;
  return anchor === undefined || anchorsOf(target).has(anchor) ? undefined : `${target} has no heading #${anchor}`;
}

let failed = false;
for (const [path, text] of documents) {
  for (const match of text.matchAll(/\]\(([^)\s]+)\)/g)) {
    const [, link = ''] = match;
    const problem = /^[a-z]+:/.test(link) ? undefined : problemOf(path, link);
    if (problem === undefined) continue;
    failed = true;
    console.log(`${path}:${text.slice(0, match.index).split('\n').length}: ${problem}`);
  }
}
process.exitCode = failed ? 1 : 0;
