const newline = 0x0a;

/**
 * Yields the lines of a byte stream, of any length. Only whole lines are decoded, so characters that are split between chunks
 * stay intact; text after the last newline is an incomplete line and dropped.
 */
export async function* lines(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  for await (const chunk of chunks) {
    let from = 0;
    for (let to = chunk.indexOf(newline); to !== -1; to = chunk.indexOf(newline, from)) {
      parts.push(chunk.subarray(from, to));
      const line = Buffer.concat(parts).toString('utf8');
      parts = [];
      from = to + 1;
      if (line !== '') yield line;
    }
    if (from < chunk.length) parts.push(chunk.subarray(from));
  }
}
