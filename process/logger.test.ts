import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { createLogger } from './logger.ts';

function logged(fields: object): Record<string, unknown> {
  const lines: string[] = [];
  createLogger('info', { write: (line) => void lines.push(line) }).info(fields, 'Tried');
  return JSON.parse(lines[0] ?? '{}') as Record<string, unknown>;
}

describe('the log', () => {
  it('a log line has the level and the time', () => {
    expect(logged({ a: 1 })).toMatchObject({ level: 'info', msg: 'Tried', a: 1, time: expect.stringMatching(/Z$/) });
  });

  it('a log line hides the values of secret fields', () => {
    const line = JSON.stringify(
      logged({ token: 'abc', slack: { token: 'def', password: 'ghi' }, authorization: 'jkl' }),
    );
    for (const value of ['abc', 'def', 'ghi', 'jkl']) expect(line).not.toContain(value);
  });

  it('a log line leaves out fields that libraries attach to errors', () => {
    const error = Object.assign(new Error('refused'), {
      headers: { authorization: 'Bearer abcdefghij' },
      code: 'E',
      status: 401,
    });
    const { err } = logged({ err: error });
    expect(err).toMatchObject({ type: 'Error', message: 'refused', code: 'E', status: 401 });
    expect(JSON.stringify(err)).not.toContain('abcdefghij');
  });

  it('a log line hides credentials in messages, causes and aggregated errors', () => {
    const cause = new Error('GET https://user:secret1@host/?token=secret2 with Bearer secret3secret3');
    const line = JSON.stringify(logged({ err: new AggregateError([cause], 'all failed', { cause }) }));
    expect(line).toContain('https://***@host');
    expect(line).not.toMatch(/secret[123]/);
  });

  it('a log line has the type of a thrown value that is not an error, not its contents', () => {
    expect(logged({ err: { password: 'abc' } })['err']).toEqual({
      type: 'object',
      message: 'thrown value of type object that is not an Error',
    });
  });

  it('the log has the last lines of a process that is killed', () => {
    const program = [
      `const { createLogger } = await import(${JSON.stringify(new URL('./logger.ts', import.meta.url).href)});`,
      `for (const n of [1, 2, 3]) createLogger('info').info({ n }, 'Still here');`,
      `process.kill(process.pid, 'SIGKILL');`,
    ];
    const { stdout, signal } = spawnSync(process.execPath, ['--input-type=module', '-e', program.join('\n')], {
      encoding: 'utf8',
    });
    expect(signal).toBe('SIGKILL');
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { n: number }).n),
    ).toEqual([1, 2, 3]);
  });
});
