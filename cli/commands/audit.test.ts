import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { anAuditChain } from '../../test/builders/audit.ts';
import { createCommandContext } from '../../test/fakes/command-context.ts';
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
  const { context, written } = createCommandContext();
  const code = await runCli(['audit', ...argv], context);
  return { code, output: written.out + written.err };
}

describe('aegis audit verify', () => {
  it('exits 0 for an intact audit file and prints its last hash', async () => {
    expect(await verify(chain)).toEqual({ code: 0, output: expect.stringMatching(/: 3 records, the last is sha256:/) });
  });

  it('exits 1 and names an audit record that was removed or changed', async () => {
    expect(await verify(chain.toSpliced(1, 1))).toEqual({
      code: 1,
      output: expect.stringContaining('record 2 was removed'),
    });
    const changed = chain.map((line) => line.replace('decision 2', 'decision 9'));
    expect(await verify(changed)).toEqual({ code: 1, output: expect.stringContaining('record 2 was changed') });
  });

  it('reports audit records removed at the end when --contains names a missing hash', async () => {
    const { hash } = JSON.parse(chain[2] ?? '') as { hash: string };
    expect((await verify(chain, '--contains', hash)).code).toBe(0);
    expect(await verify(chain.slice(0, 2), '--contains', hash)).toEqual({
      code: 1,
      output: expect.stringContaining('removed at the end'),
    });
  });

  it('exits 1 when the audit file cannot be read or is not named', async () => {
    expect(await run('verify', join(folder, 'none'))).toEqual({ code: 1, output: expect.stringContaining('ENOENT') });
    expect((await run('verify')).code).toBe(1);
    expect((await run()).code).toBe(1);
  });
});
