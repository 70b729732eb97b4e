import { open } from 'node:fs/promises';

const READ_AT_MOST_BYTES = 64 * 1024;

/** The last lines of a file, read from its end; empty when there is no such file. */
export async function readTail(path: string, lines: number): Promise<string> {
  let file;
  try {
    file = await open(path, 'r');
  } catch {
    return '';
  }
  try {
    const { size } = await file.stat();
    const length = Math.min(size, READ_AT_MOST_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8', 0, bytesRead).trimEnd().split('\n').slice(-lines).join('\n');
  } finally {
    await file.close();
  }
}
