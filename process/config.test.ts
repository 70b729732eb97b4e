import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { ConfigError, readConfig } from './config.ts';
import { helpText } from './setting.ts';
import { duration, port, secret } from './settings.ts';

const schema = z.object({
  ingestPort: port().default(8080).meta({ description: 'port of the ingest' }),
  leaderElect: z.boolean().default(true),
  resync: duration().prefault('60s'),
  level: z.enum(['low', 'high']).default('low'),
  sources: z.array(z.string()).default([]),
  redisPassword: z.string().optional().meta(secret),
});

function problemsOf(argv: string[], env: Record<string, string>): readonly string[] {
  try {
    readConfig(schema, argv, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('readConfig', () => {
  it('takes defaults, reads durations as milliseconds and freezes the result', () => {
    const config = readConfig(schema, [], {});
    expect(config).toEqual({ ingestPort: 8080, leaderElect: true, resync: 60_000, level: 'low', sources: [] });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('prefers a flag to the environment', () => {
    const env = { AEGIS_INGEST_PORT: '1', AEGIS_LEVEL: 'high', AEGIS_SOURCES: 'a, b' };
    const config = readConfig(schema, ['--ingest-port', '2', '--resync=1h30m'], env);
    expect(config).toMatchObject({ ingestPort: 2, level: 'high', sources: ['a', 'b'], resync: 5_400_000 });
  });

  it.each([
    [['--leader-elect'], true],
    [['--no-leader-elect'], false],
    [['--leader-elect=false'], false],
    [['--leader-elect=true'], true],
  ])('reads the switch %j as %j', (argv, expected) => {
    expect(readConfig(schema, argv, { AEGIS_LEADER_ELECT: String(!expected) }).leaderElect).toBe(expected);
  });

  it('takes an empty variable for an absent one', () => {
    expect(readConfig(schema, [], { AEGIS_INGEST_PORT: '' }).ingestPort).toBe(8080);
  });

  it('lists every problem at once, by the name under which the value was given', () => {
    const problems = problemsOf(
      [
        '--ingest-port=http',
        '--resync',
        'soon',
        '--verbose',
        'extra',
        '--leader-elect=maybe',
        '--redis-password-file=/none',
      ],
      { AEGIS_LEVEL: 'medium' },
    );
    expect(problems).toHaveLength(7);
    expect(problems).toEqual(
      expect.arrayContaining([
        'unknown flag --verbose',
        'unexpected argument "extra"',
        '--redis-password-file: cannot read /none (ENOENT)',
        expect.stringMatching(/^--ingest-port: /),
        expect.stringMatching(/^--resync: must be a duration/),
        expect.stringMatching(/^--leader-elect: /),
        expect.stringMatching(/^AEGIS_LEVEL: /),
      ]),
    );
  });

  it('complains about a flag without its value', () => {
    expect(problemsOf(['--level'], {})).toEqual(['--level: needs a value']);
  });

  it('reads a secret from the environment or a file, without the final newline', () => {
    expect(readConfig(schema, [], { AEGIS_REDIS_PASSWORD: 'one' }).redisPassword).toBe('one');
    const env = { AEGIS_REDIS_PASSWORD_FILE: '/run/password' };
    expect(readConfig(schema, [], env, () => 'two\n').redisPassword).toBe('two');
  });

  it('does not take a secret from a flag', () => {
    expect(problemsOf(['--redis-password=hunter2'], {})).toEqual(['unknown flag --redis-password']);
  });
});

describe('helpText', () => {
  it('shows flags, meaning, default and variable', () => {
    const help = helpText(schema);
    expect(help).toContain('--ingest-port <integer>');
    expect(help).toContain('port of the ingest (default 8080; AEGIS_INGEST_PORT)');
    expect(help).toContain('--[no-]leader-elect');
    expect(help).toContain('--redis-password-file <path>');
  });
});
