import { describe, expect, it } from '@jest/globals';
import { createCommandContext } from '../test/fakes/command-context.ts';
import { runCli } from './program.ts';

async function run(...argv: string[]) {
  const { context, written } = createCommandContext();
  const code = await runCli(argv, context);
  return { code, ...written };
}

describe('the aegis command', () => {
  it('prints the version of aegis', async () => {
    expect(await run('version')).toEqual({ code: 0, out: expect.stringMatching(/^aegis \d+\.\d+\.\d+ /), err: '' });
  });

  it('lists its commands in the help of aegis', async () => {
    const { code, out } = await run('--help');
    expect(code).toBe(0);
    for (const name of ['apiserver', 'worker', 'all', 'dead-letters', 'uninstall', 'version'])
      expect(out).toContain(`\n  ${name}`);
  });

  it('refuses an unknown command', async () => {
    const { code, err } = await run('wroker');
    expect(code).toBe(1);
    expect(err).toContain("unknown command 'wroker'");
  });

  it.each([
    ['worker', '--help'],
    ['help', 'worker'],
  ])('shows the flags of a role with their variables for aegis %s %s', async (...argv) => {
    const { code, out } = await run(...argv);
    expect(code).toBe(0);
    expect(out).toContain('--resync-interval');
    expect(out).toContain('AEGIS_RESYNC_INTERVAL');
  });

  it('reports all problems with the flags of a role at once and exits 2', async () => {
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
