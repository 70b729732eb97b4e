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
  it('goes on with the chain of the worker before, and only its owner reads it', async () => {
    createAuditFile(path).append(anAuditEntry());
    const next = createAuditFile(path);
    next.append(anAuditEntry());
    next.append(anAuditEntry());
    expect(await verifyFile(path)).toMatchObject({ ok: true, text: expect.stringContaining('3 records,') });
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it.each(['', '\n'])('ends a line that was cut off, notes it and goes on', async (end) => {
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

  it('takes a record of which only the end of the line is missing for whole', async () => {
    createAuditFile(path).append(anAuditEntry());
    writeFileSync(path, readFileSync(path).subarray(0, -1));
    createAuditFile(path).append(anAuditEntry());
    expect(await verifyFile(path)).toMatchObject({ ok: true, text: expect.stringContaining('2 records,') });
  });

  it('says so when only a part could be written, and goes on when there is room again', async () => {
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

  it('begins anew when the file was moved away', async () => {
    const file = createAuditFile(path);
    file.append(anAuditEntry());
    renameSync(path, `${path}.1`);
    file.append(anAuditEntry());
    for (const one of [path, `${path}.1`]) expect(await verifyFile(one)).toMatchObject({ ok: true });
  });

  it('does not go on from a record that was changed', () => {
    createAuditFile(path).append(anAuditEntry());
    writeFileSync(path, readFileSync(path, 'utf8').replace('Submitting', 'Cancelled'));
    expect(() => {
      createAuditFile(path).append(anAuditEntry());
    }).toThrow('was changed');
  });

  it('finds its end after records that are longer than what it reads first', async () => {
    createAuditFile(path).append({ ...anAuditEntry(), message: 'x'.repeat(200_000) });
    createAuditFile(path).append(anAuditEntry());
    expect(await verifyFile(path)).toMatchObject({ ok: true, text: expect.stringContaining('2 records,') });
  });

  it('is read by lines as they were written, also with separators of other kinds in them', async () => {
    createAuditFile(path).append(anAuditEntry('one\u2028two\u0085three\rfour'));
    expect(await verifyFile(path)).toMatchObject({ ok: true });
  });
});
