import { randomUUID } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import { newChain, nextLine, readLine, type AuditHead } from '../../remediation/audit/chain.ts';
import type { AuditEntry } from '../../remediation/audit/record.ts';

/** A file of one worker to which decisions are appended. */
export interface AuditFile {
  /** Returns when the kernel has it, so that it outlives the process. @throws when it is not on record */
  append(entry: AuditEntry): void;
}

interface OpenFile {
  readonly fd: number;
  readonly ino: number;
  size: number;
  head: AuditHead;
  /** Leftovers of interrupted writes after the last record. */
  fragments: readonly string[];
  endsWithNewline: boolean;
}

/** Only the owner reads it: it names users. */
const mode = 0o600;
/** Bytes that are read at first to find the last record. */
const firstLook = 64 * 1024;

/**
 * Opens the file with the first decision. The chain in it is continued, also after a write that was cut off; a file that
 * was moved away is begun anew. A file whose last record was changed is not continued.
 *
 * @param write as `fs.writeSync`, which may write less than it is given
 */
export function createAuditFile(path: string, write: (fd: number, bytes: Buffer) => number = writeSync): AuditFile {
  let file: OpenFile | undefined;

  function close(): void {
    if (file !== undefined) closeSync(file.fd);
    file = undefined;
  }

  /** Returns false once the file was moved, cut or written by another process. */
  function isCurrent({ ino, size }: OpenFile): boolean {
    const now = statSync(path, { throwIfNoEntry: false });
    return now?.ino === ino && now.size === size;
  }

  return {
    append: (entry) => {
      if (file !== undefined && !isCurrent(file)) close();
      file ??= open(path);
      const { line, head } = nextLine(entry, file.head, file.fragments);
      const bytes = Buffer.from(`${file.endsWithNewline ? '' : '\n'}${line}\n`);
      try {
        const written = write(file.fd, bytes);
        if (written < bytes.length) throw new Error(`only ${written} of ${bytes.length} bytes were written to ${path}`);
      } catch (error) {
        close();
        throw error;
      }
      Object.assign(file, { head, fragments: [], endsWithNewline: true, size: file.size + bytes.length });
    },
  };
}

/** @throws when it is not a regular file, or ends with a record that was changed */
function open(path: string): OpenFile {
  // A pipe would let the worker wait for its reader.
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === false) throw new Error(`${path} is not a regular file`);
  const fd = openSync(path, 'a+', mode);
  try {
    const { ino, size } = fstatSync(fd);
    return { fd, ino, size, ...endOf(fd, size, path) };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function endOf(fd: number, size: number, path: string): Pick<OpenFile, 'head' | 'fragments' | 'endsWithNewline'> {
  for (let length = Math.min(size, firstLook); ; length = Math.min(size, length * 2)) {
    const text = readEnd(fd, size, length);
    const lines = text.split('\n');
    const endsWithNewline = lines.at(-1) === '';
    if (endsWithNewline) lines.pop();
    // The first may be half of a line.
    const whole = length < size ? lines.slice(1) : lines;
    const at = whole.findLastIndex((line) => readLine(line).is !== 'fragment');
    const last = readLine(whole[at] ?? '');
    const rest = { fragments: whole.slice(at + 1), endsWithNewline: endsWithNewline || size === 0 };
    if (last.is === 'record') return { head: last.record, ...rest };
    if (last.is === 'changed') throw new Error(`the last record of ${path} was changed; move the file away`);
    if (length === size) return { head: newChain(randomUUID()), ...rest };
  }
}

function readEnd(fd: number, size: number, length: number): string {
  const bytes = Buffer.alloc(length);
  let read = 0;
  while (read < length) {
    const count = readSync(fd, bytes, read, length - read, size - length + read);
    if (count === 0) break;
    read += count;
  }
  return bytes.toString('utf8', 0, read);
}
