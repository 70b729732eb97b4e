/** ASCII bytes, which are never part of another character in UTF-8. */
const [quote, backslash, comma, bracket, brace] = [0x22, 0x5c, 0x2c, 0x5b, 0x7b];

/**
 * Returns whether JSON has more than `limit` entries, lists and maps: parsing those takes a hundred times as long as
 * parsing the same bytes as one string. Reads each byte at most once; bytes that are no JSON may be counted wrongly.
 */
export function exceedsComplexity(json: Buffer, limit: number): boolean {
  let entries = 0;
  let inText = false;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at];
    if (byte === quote) inText = !inText;
    else if (inText) at += byte === backslash ? 1 : 0;
    else if (byte === comma || byte === bracket || byte === brace) {
      entries += 1;
      if (entries > limit) return true;
    }
  }
  return false;
}
