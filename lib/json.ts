const decoder = new TextDecoder();

/** A JSON value, or why there is none. */
export type ParsedJson =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly reason: string };

/** Parses bytes as JSON. Bytes that are not UTF-8 become replacement characters. */
export function parseJsonBytes(bytes: Buffer): ParsedJson {
  if (bytes.length === 0) return { ok: false, reason: 'the body is empty' };
  try {
    return { ok: true, value: JSON.parse(decoder.decode(bytes)) as unknown };
  } catch (error) {
    const why = error instanceof SyntaxError ? '' : ' within the limits of this server';
    return { ok: false, reason: `the body is not JSON${why}` };
  }
}
