import { createReadStream } from 'node:fs';
import { readLine } from '../remediation/audit/chain.ts';
import { verifyChain } from '../remediation/audit/verify.ts';

/**
 * Verifies an audit file of any length and returns the result in one line.
 *
 * @param contains the hash of a record that the file must contain
 * @throws errors of the file system
 */
export async function verifyFile(path: string, contains?: string): Promise<{ ok: boolean; text: string }> {
  let found = contains === undefined;
  async function* lines(): AsyncGenerator<string> {
    for await (const line of linesOf(createReadStream(path))) {
      const read = found ? undefined : readLine(line);
      if (read?.is === 'record' && read.record.hash === contains) found = true;
      yield line;
    }
  }
  const verdict = await verifyChain(lines());
  if (!verdict.ok) return { ok: false, text: `${path}:${verdict.line}: ${verdict.problem}` };
  if (!found)
    return { ok: false, text: `${path}: no record has the hash ${contains}: records were removed at the end` };
  const { head, torn } = verdict;
  if (head === undefined) return { ok: true, text: `${path}: no records` };
  const cut = torn === 0 ? '' : `, ${torn} unfinished lines that were recorded`;
  return { ok: true, text: `${path}: ${head.seq} records${cut}, the last is ${head.hash}` };
}

/** Yields lines that end in a line feed; Node's own readers also split at separators that JSON strings can contain. */
async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest: Buffer[] = [];
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
      yield Buffer.concat([...rest, chunk.subarray(from, end)]).toString();
      rest = [];
      from = end + 1;
    }
    if (from < chunk.length) rest.push(chunk.subarray(from));
  }
  if (rest.length > 0) yield Buffer.concat(rest).toString();
}
