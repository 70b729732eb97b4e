import { describe, expect, it } from '@jest/globals';
import { runCli } from './program.ts';

async function run(...argv: string[]) {
  let out = '';
  let err = '';
  const code = await runCli(argv, {
    env: {},
    print: (text) => {
      out += text;
    },
    complain: (text) => {
      err += text;
    },
  });
  return { code, out, err };
}

describe('aegis', () => {
  it('prints its version', async () => {
    expect(await run('version')).toEqual({ code: 0, out: expect.stringMatching(/^aegis \d+\.\d+\.\d+ /), err: '' });
  });

  it('lists its commands', async () => {
    const { code, out } = await run('--help');
    expect(code).toBe(0);
    for (const name of ['apiserver', 'worker', 'all', 'dead-letters', 'uninstall', 'version'])
      expect(out).toContain(`\n  ${name}`);
  });

  it('refuses a command that it does not have', async () => {
    const { code, err } = await run('wroker');
    expect(code).toBe(1);
    expect(err).toContain("unknown command 'wroker'");
  });

  it('shows the flags of a role with their variables', async () => {
    const { code, out } = await run('worker', '--help');
    expect(code).toBe(0);
    expect(out).toContain('--resync-interval');
    expect(out).toContain('AEGIS_RESYNC_INTERVAL');
  });

  it('tells all that is wrong with the flags of a role, and starts nothing', async () => {
    const { code, err } = await run(
      'worker',
      '--concurrency=0',
      '--resync-interval=soon',
      '--queue-prefix=aegis',
      '--x',
    );
    expect(code).toBe(2);
    for (const flag of ['--concurrency: ', '--resync-interval: ', '--queue-prefix: ', 'unknown flag --x']) {
      expect(err).toContain(flag);
    }
  });
});
