import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { anAuditChain } from '../../test/builders/audit.ts';
import { runCli } from '../program.ts';

let folder: string;
const chain = anAuditChain(3);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aegis-audit-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

async function verify(lines: readonly string[], ...flags: string[]) {
  const path = join(folder, 'audit.log');
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
  return run('verify', path, ...flags);
}

async function run(...argv: string[]) {
  let said = '';
  const say = (text: string) => void (said += text);
  return { code: await runCli(['audit', ...argv], { env: {}, print: say, complain: say }), said };
}

describe('aegis audit verify', () => {
  it('exits 0 for what was only appended, and tells the last hash', async () => {
    expect(await verify(chain)).toEqual({ code: 0, said: expect.stringMatching(/: 3 records, the last is sha256:/) });
  });

  it('exits 1 and names the record that was removed or changed', async () => {
    expect(await verify(chain.toSpliced(1, 1))).toEqual({
      code: 1,
      said: expect.stringContaining('record 2 was removed'),
    });
    const changed = chain.map((line) => line.replace('decision 2', 'decision 9'));
    expect(await verify(changed)).toEqual({ code: 1, said: expect.stringContaining('record 2 was changed') });
  });

  it('finds by a hash that was noted elsewhere that the end was cut off', async () => {
    const { hash } = JSON.parse(chain[2] ?? '') as { hash: string };
    expect((await verify(chain, '--contains', hash)).code).toBe(0);
    expect(await verify(chain.slice(0, 2), '--contains', hash)).toEqual({
      code: 1,
      said: expect.stringContaining('removed at the end'),
    });
  });

  it('exits 1 for a file that it cannot read, and for one that is not named', async () => {
    expect(await run('verify', join(folder, 'none'))).toEqual({ code: 1, said: expect.stringContaining('ENOENT') });
    expect((await run('verify')).code).toBe(1);
    expect((await run()).code).toBe(1);
  });
});
