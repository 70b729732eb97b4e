/** One entry of an `Accept` header. */
export interface MediaRange {
  /** In lower case: `application/json`, `application/*`. */
  readonly type: string;
  /** Without `q`; names in lower case, values unchanged. */
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * Reads an `Accept` header: media types by preference, ordered as in kube-apiserver (by `q`, then as written). An absent
 * or empty header means any type; unreadable entries are left out.
 */
export function parseAccept(header: string | undefined): MediaRange[] {
  if (header === undefined || header.trim() === '') return [{ type: '*/*', parameters: {} }];
  return header
    .split(',')
    .map(parseRange)
    .filter(({ range, quality }) => range.type.includes('/') && quality > 0)
    .sort((a, b) => b.quality - a.quality)
    .map(({ range }) => range);
}

/** Returns whether the range includes plain JSON; `as` requests another representation of the object. */
export function takesJson({ type, parameters }: MediaRange): boolean {
  return ['application/json', 'application/*', '*/*'].includes(type) && parameters['as'] === undefined;
}

/** Returns whether the range requests JSON of this kind, as in `application/json;as=Table;g=meta.k8s.io;v=v1`. */
export function takesKind(range: MediaRange, kind: { group: string; version: string; kind: string }): boolean {
  const { g, v, as } = range.parameters;
  return range.type === 'application/json' && g === kind.group && v === kind.version && as === kind.kind;
}

function parseRange(text: string): { range: MediaRange; quality: number } {
  const [type = '', ...rest] = text.split(';').map((part) => part.trim());
  const pairs = rest.map((part): [string, string] => {
    const [name = '', ...value] = part.split('=');
    return [name.trim().toLowerCase(), unquoted(value.join('=').trim())];
  });
  const { q = '1', ...parameters } = Object.fromEntries(pairs);
  const quality = Number(q);
  return {
    range: { type: type.toLowerCase(), parameters },
    quality: quality >= 0 && quality <= 1 ? quality : 0,
  };
}

function unquoted(value: string): string {
  return /^".*"$/.test(value) ? value.slice(1, -1) : value;
}
