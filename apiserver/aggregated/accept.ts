/** How an answer can be given. */
export type Representation = 'object' | 'table';

interface MediaRange {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly q: number;
}

/**
 * Which representation a client likes best.
 *
 * @param accept the header; absent or empty = anything
 * @param hasTable whether a Table can be given
 * @returns undefined when it takes none
 */
export function negotiate(accept: string | undefined, hasTable: boolean): Representation | undefined {
  if (accept === undefined || accept.trim() === '') return 'object';
  const ranges = accept.split(',').slice(0, maxRanges).map(parseRange);
  const wanted = ranges.filter(({ q }) => q > 0).sort((a, b) => b.q - a.q);
  for (const range of wanted) {
    const representation = satisfy(range, hasTable);
    if (representation !== undefined) return representation;
  }
  return undefined;
}

const maxRanges = 64;

function parseRange(text: string): MediaRange {
  const [type = '', ...rest] = text.split(';').map((part) => part.trim().toLowerCase());
  const parameters = new Map(
    rest.map((part): [string, string] => {
      const at = part.indexOf('=');
      return at === -1 ? [part, ''] : [part.slice(0, at).trim(), part.slice(at + 1).trim()];
    }),
  );
  const q = Number(parameters.get('q') ?? 1);
  return { type, parameters, q: Number.isNaN(q) ? 0 : q };
}

function satisfy({ type, parameters }: MediaRange, hasTable: boolean): Representation | undefined {
  if (type !== 'application/json' && type !== 'application/*' && type !== '*/*') return undefined;
  const as = parameters.get('as');
  if (as === undefined) return 'object';
  const isTable = as === 'table' && parameters.get('g') === 'meta.k8s.io' && parameters.get('v') === 'v1';
  return isTable && hasTable && type === 'application/json' ? 'table' : undefined;
}
