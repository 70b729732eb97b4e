import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { verifyFile } from '../../cli/audit-file.ts';
import { anAuditEntry } from '../../test/builders/audit.ts';
import { createAuditFile } from './audit-file.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aegis-audit-'));
  path = join(folder, 'audit.log');
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function lines(): string[] {
  return readFileSync(path, 'utf8').split('\n').slice(0, -1);
}

describe('an audit file', () => {
  it('an audit file continues the chain of the previous worker, and only its owner can read it', async () => {
    createAuditFile(path).append(anAuditEntry());
    const next = createAuditFile(path);
    next.append(anAuditEntry());
    next.append(anAuditEntry());
    expect(await verifyFile(path)).toMatchObject({ ok: true, text: expect.stringContaining('3 records,') });
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it.each(['', '\n'])('an audit file ends a line that was cut off with %j, notes it and continues', async (end) => {
    const first = createAuditFile(path);
    first.append(anAuditEntry());
    // Cut within a character of several bytes.
    appendFileSync(path, Buffer.from('{"message":"é').subarray(0, -1));
    appendFileSync(path, end);
    createAuditFile(path).append(anAuditEntry());
    expect(lines()).toHaveLength(3);
    expect(await verifyFile(path)).toMatchObject({
      ok: true,
      text: expect.stringContaining('2 records, 1 unfinished'),
    });
  });

  it('an audit file accepts a record that lacks only the end of its line', async () => {
    createAuditFile(path).append(anAuditEntry());
    writeFileSync(path, readFileSync(path).subarray(0, -1));
    createAuditFile(path).append(anAuditEntry());
    expect(await verifyFile(path)).toMatchObject({ ok: true, text: expect.stringContaining('2 records,') });
  });

  it('an audit file reports a partial write, and continues when the disk has space again', async () => {
    let full = false;
    const file = createAuditFile(path, (fd, bytes) => writeSync(fd, full ? bytes.subarray(0, 40) : bytes));
    file.append(anAuditEntry());
    full = true;
    expect(() => {
      file.append(anAuditEntry());
    }).toThrow('only 40 of');
    full = false;
    file.append(anAuditEntry());
    expect(await verifyFile(path)).toMatchObject({
      ok: true,
      text: expect.stringContaining('2 records, 1 unfinished'),
    });
  });

  it('an audit file starts a new chain when the old file was moved away', async () => {
    const file = createAuditFile(path);
    file.append(anAuditEntry());
    renameSync(path, `${path}.1`);
    file.append(anAuditEntry());
    for (const one of [path, `${path}.1`]) expect(await verifyFile(one)).toMatchObject({ ok: true });
  });

  it('an audit file does not continue from a record that was changed', () => {
    createAuditFile(path).append(anAuditEntry());
    writeFileSync(path, readFileSync(path, 'utf8').replace('Submitting', 'Cancelled'));
    expect(() => {
      createAuditFile(path).append(anAuditEntry());
    }).toThrow('was changed');
  });

  it('an audit file finds its end after records that are longer than the first read', async () => {
    createAuditFile(path).append({ ...anAuditEntry(), message: 'x'.repeat(200_000) });
    createAuditFile(path).append(anAuditEntry());
    expect(await verifyFile(path)).toMatchObject({ ok: true, text: expect.stringContaining('2 records,') });
  });

  it('an audit file is read by the lines that were written, also when they contain other separators', async () => {
    createAuditFile(path).append(anAuditEntry('one\u2028two\u0085three\rfour'));
    expect(await verifyFile(path)).toMatchObject({ ok: true });
  });
});
