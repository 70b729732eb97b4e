import { createReadStream } from 'node:fs';
import { readLine } from '../remediation/audit/chain.ts';
import { verifyChain } from '../remediation/audit/verify.ts';

/**
 * Checks a file, however long it is, and says in one line what was found.
 *
 * @param contains the hash of a record that must be in it
 * @throws what the file system throws
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
  const cut = torn === 0 ? '' : `, ${torn} unfinished lines that were noted`;
  return { ok: true, text: `${path}: ${head.seq} records${cut}, the last is ${head.hash}` };
}

/** Only a line feed ends a line: the readers of Node also stop at separators that JSON has in its strings. */
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
