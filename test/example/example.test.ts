import { describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { canRunRealNode } from '../../devcluster/node/index.ts';

const entry = fileURLToPath(new URL('../../devcluster/main.ts', import.meta.url));

/** Runs `npm start -- <args>` without the npm around it; resolves to the exit code and all that was printed. */
async function start(args: readonly string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [entry, ...args], {
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.once('error', reject);
  child.once('close', resolve);
  return { code: await promise, output };
}

const node = canRunRealNode();
const onRealNode = node.ok ? describe : describe.skip;

onRealNode(`the example of the original on a real node${node.ok ? '' : ` (skipped: ${node.reason})`}`, () => {
  it('the example of the original cordons the node and shows it', async () => {
    const { code, output } = await start(['--exit-after-example', '--nodes', 'real']);
    expect(output).toMatch(/default-nodehasemergencyevent-\S+ +NodeHasEmergencyEvent +Node +dev1 +Firing +1 +\d+s/);
    // A watch shows only states that last; on a busy machine it may skip Pending or Running.
    for (const state of ['(Pending|Running)', 'Succeeded']) {
      expect(output).toMatch(new RegExp(`Firing +1 +Triggered +${state} `));
    }
    expect(output).toContain('node/dev1 cordoned');
    expect(output).toMatch(/dev1 +Ready,SchedulingDisabled|unschedulable.*true/);
    expect({ code, output }).toMatchObject({ code: 0 });
  }, 240_000);
});

describe('the example without a node', () => {
  it('the example without a node prints what it skips, and ends with success', async () => {
    const { code, output } = await start(['--exit-after-example', '--nodes', 'none']);
    expect(output).toMatch(/Triggered +(Pending|Running)/);
    expect(output).not.toContain('node/dev1 cordoned');
    expect({ code, output }).toMatchObject({ code: 0 });
  }, 240_000);
});
