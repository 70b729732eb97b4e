import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { ConfigError, readConfig, type CommandLine } from './config.ts';
import { duration, port, secret } from './settings.ts';

const schema = z.object({
  ingestPort: port().default(8080).meta({ description: 'port of the ingest' }),
  leaderElect: z.boolean().default(true),
  resync: duration().prefault('60s'),
  level: z.enum(['low', 'high']).default('low'),
  sources: z.array(z.string()).default([]),
  redisPassword: z.string().optional().meta(secret),
});

function problemsOf(commandLine: CommandLine, env: Record<string, string>): readonly string[] {
  try {
    readConfig(schema, commandLine, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('readConfig', () => {
  it('readConfig fills in defaults, reads durations as milliseconds and freezes the configuration', () => {
    const config = readConfig(schema, { flags: {} }, {});
    expect(config).toEqual({ ingestPort: 8080, leaderElect: true, resync: 60_000, level: 'low', sources: [] });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('readConfig prefers a flag to an environment variable', () => {
    const env = { AEGIS_INGEST_PORT: '1', AEGIS_LEVEL: 'high', AEGIS_SOURCES: 'a, b' };
    const config = readConfig(schema, { flags: { 'ingest-port': '2', resync: '1h30m' } }, env);
    expect(config).toMatchObject({ ingestPort: 2, level: 'high', sources: ['a', 'b'], resync: 5_400_000 });
  });

  it('readConfig treats an empty environment variable as absent', () => {
    expect(readConfig(schema, { flags: {} }, { AEGIS_INGEST_PORT: '' }).ingestPort).toBe(8080);
  });

  it('readConfig lists all problems at once, by the name under which the value was given', () => {
    const flags = {
      'ingest-port': 'http',
      resync: 'soon',
      'leader-elect': 'maybe',
      'redis-password-file': '/none',
    };
    const found = problemsOf({ flags, problems: ['unknown flag --verbose'] }, { AEGIS_LEVEL: 'medium' });
    expect(found).toHaveLength(6);
    expect(found).toEqual(
      expect.arrayContaining([
        'unknown flag --verbose',
        '--redis-password-file: cannot read /none (ENOENT)',
        expect.stringMatching(/^--ingest-port: /),
        expect.stringMatching(/^--resync: must be a duration/),
        expect.stringMatching(/^--leader-elect: /),
        expect.stringMatching(/^AEGIS_LEVEL: /),
      ]),
    );
  });

  it('readConfig reads a secret from the environment or a file, without the final newline', () => {
    expect(readConfig(schema, { flags: {} }, { AEGIS_REDIS_PASSWORD: 'one' }).redisPassword).toBe('one');
    const env = { AEGIS_REDIS_PASSWORD_FILE: '/run/password' };
    expect(readConfig(schema, { flags: {} }, env, () => 'two\n').redisPassword).toBe('two');
  });
});
