import { attemptReasons, conditionReasons, triggerReasons } from '../crds/reasons.ts';

/** The page of the guide that has a table of each kind of reason. */
export const reasonsPage = 'docs/guide/status.md';

const headings = ['meaning', 'action'];

/** The tables of `reasonsPage`, by the name in their markers. */
const tables: ReadonlyMap<string, string> = new Map([
  [
    'trigger',
    table(
      ['value', ...headings],
      rows(triggerReasons, () => []),
    ),
  ],
  [
    'attempts',
    table(
      ['reason', 'phase', ...headings],
      rows(attemptReasons, ({ phases }) => [phases.join(', ')]),
    ),
  ],
  [
    'conditions',
    table(
      ['reason', 'condition', ...headings],
      rows(conditionReasons, ({ conditions }) => [conditions.join(', ')]),
    ),
  ],
]);

/**
 * Returns the text of `reasonsPage` with the tables as the catalogue says them, each between
 * `<!-- generated: NAME -->` and `<!-- end -->`.
 *
 * @throws Error when the text lacks a marker
 */
export function withReasons(page: string): string {
  return [...tables].reduce((text, [name, content]) => {
    const start = `<!-- generated: ${name} -->\n`;
    const from = text.indexOf(start);
    const to = text.indexOf('<!-- end -->', from);
    if (from === -1 || to === -1) throw new Error(`${reasonsPage} has no markers for the table ${name}`);
    return `${text.slice(0, from)}${start}\n${content}\n${text.slice(to)}`;
  }, page);
}

interface Entry {
  readonly meaning: string;
  readonly action?: string;
}

function rows<T extends Entry>(catalogue: Readonly<Record<string, T>>, between: (entry: T) => string[]): string[][] {
  return Object.entries(catalogue).map(([reason, entry]) => [
    reason,
    ...between(entry),
    entry.meaning,
    entry.action ?? '',
  ]);
}

/** A table as prettier formats it: columns as wide as their widest cell. */
function table(heading: readonly string[], body: readonly (readonly string[])[]): string {
  const all = [heading, ...body];
  const widths = heading.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |\n`;
  return [line(heading), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('');
}
