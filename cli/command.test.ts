import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { createCommandContext } from '../test/fakes/command-context.ts';
import { duration, port, secret } from '../process/settings.ts';
import { commandBody, groupCommand, settingsCommand, type Invocation } from './command.ts';
import { kubeSettings, namespaceSettings, outputSetting } from './shared-settings.ts';
import type { CommandContext } from './config.ts';

const roleSchema = z.object({
  ingestPort: port().default(8080).meta({ description: 'port of the ingest' }),
  leaderElect: z.boolean().default(true).meta({ description: 'elect a leader' }),
  resync: duration().prefault('60s').meta({ description: 'time between two resyncs' }),
  level: z.enum(['low', 'high']).default('low').meta({ description: 'least level' }),
  sources: z.array(z.string()).default([]).meta({ description: 'sources' }),
  redisPassword: z
    .string()
    .optional()
    .meta({ ...secret, description: 'password of Redis' }),
});

const userSchema = z.object({ ...kubeSettings, ...namespaceSettings, ...outputSetting(['table', 'json']) });

/** Runs `toy role` or `toy get <name> [more...]`, which only keep their configuration and arguments. */
async function run(argv: string[], overrides: Partial<CommandContext> = {}) {
  const { context, written } = createCommandContext(overrides);
  const called: { config?: unknown; args?: readonly string[]; code: number } = { code: 0 };
  const role = settingsCommand({ name: 'role', description: 'Run a role.' }, () =>
    Promise.resolve(
      commandBody({
        schema: roleSchema,
        run: ({ config, args }) => Promise.resolve(void Object.assign(called, { config, args })).then(() => 0),
      }),
    ),
  );
  const get = settingsCommand(
    { name: 'get', description: 'Get a thing.', arguments: { '<name>': 'name of the thing', '[more...]': 'others' } },
    () => Promise.resolve(commandBody({ schema: userSchema, run: getThing })),
  );
  async function getThing({ config, args, kube, print }: Invocation<typeof userSchema>): Promise<number> {
    Object.assign(called, { config, args });
    const { rest, namespace } = await kube();
    expect(await kube()).toBe(await kube());
    const path = `/api/v1/namespaces/${config.namespace ?? namespace ?? 'default'}/things/${args[0] ?? ''}`;
    const thing = await rest.request({ method: 'GET', path });
    print(config.output === 'json' ? JSON.stringify(thing) : 'a table');
    return 3;
  }
  const toy = groupCommand({ name: 'toy', description: 'Test commands.' }, [role, get]);
  const program = toy(context, (code) => {
    called.code = code;
  });
  await program.parseAsync(argv, { from: 'user' }).catch((error: unknown) => {
    called.code = (error as { exitCode: number }).exitCode;
  });
  return { ...called, ...written };
}

/** A context whose API server answers each path with itself, and a record of the connections that were opened and closed. */
function fakeKube() {
  const opened: object[] = [];
  let closed = 0;
  const openKube: CommandContext['openKube'] = (options) => {
    opened.push(options);
    return Promise.resolve({
      rest: { request: ({ path }: { path: string }) => Promise.resolve({ path }) } as never,
      namespace: 'of-the-context',
      close: () => Promise.resolve(void (closed += 1)),
    });
  };
  return { openKube, opened, closed: () => closed };
}

describe('a command whose options are settings', () => {
  it.each([
    [['--leader-elect'], true],
    [['--no-leader-elect'], false],
    [['--leader-elect=false'], false],
    [['--leader-elect=true'], true],
    [['--leader-elect', '--no-leader-elect'], false],
  ])('reads the switches %j as %j', async (argv, expected) => {
    const env = { AEGIS_LEADER_ELECT: String(!expected) };
    expect((await run(['role', ...argv], { env })).config).toMatchObject({ leaderElect: expected });
  });

  it('reads a switch from its environment variable by value', async () => {
    const { config } = await run(['role'], { env: { AEGIS_LEADER_ELECT: 'false' } });
    expect(config).toMatchObject({ leaderElect: false });
  });

  it('prefers a flag, separate or with =, to an environment variable', async () => {
    const env = { AEGIS_INGEST_PORT: '1', AEGIS_LEVEL: 'high', AEGIS_SOURCES: 'a, b' };
    const { config, code } = await run(['role', '--ingest-port', '2', '--resync=1h30m'], { env });
    expect(config).toMatchObject({ ingestPort: 2, level: 'high', sources: ['a', 'b'], resync: 5_400_000 });
    expect(code).toBe(0);
  });

  it('lists all problems of a command line at once and exits 2', async () => {
    const { err, code, config } = await run(
      [
        'role',
        '--ingest-port=http',
        '--resync',
        'soon',
        '--verbose',
        'extra',
        '--leader-elect=maybe',
        '--redis-password-file=/none',
        '--sources',
      ],
      { env: { AEGIS_LEVEL: 'medium' } },
    );
    expect({ code, config }).toEqual({ code: 2, config: undefined });
    const [head, ...problems] = err.trimEnd().split('\n');
    expect(head).toBe('toy role: the configuration cannot be used:');
    expect(problems).toHaveLength(9);
    expect(problems).toEqual(
      expect.arrayContaining([
        '  unknown flag --verbose',
        '  unexpected argument "extra"',
        '  --sources: needs a value',
        '  --leader-elect: must be true or false',
        '  --redis-password-file: cannot read /none (ENOENT)',
        expect.stringMatching(/^ {2}--ingest-port: /),
        expect.stringMatching(/^ {2}--resync: must be a duration/),
        expect.stringMatching(/^ {2}AEGIS_LEVEL: /),
        'See: toy role --help',
      ]),
    );
  });

  it('reports a flag without its value', async () => {
    expect((await run(['role', '--level'])).err).toContain('\n  --level: needs a value\n');
  });

  it('does not take a secret from a flag', async () => {
    const { err } = await run(['role', '--redis-password=hunter2']);
    expect(err).toContain('unknown flag --redis-password\n');
    expect(err).not.toContain('hunter2');
  });

  it('shows flags, meaning, choices, defaults and environment variables in its help', async () => {
    const { out, code } = await run(['role', '--help', '--verbose']);
    const help = out.replaceAll(/\s+/g, ' ');
    expect(code).toBe(0);
    expect(help).toContain('Usage: toy role [options] Run a role.');
    expect(help).toContain('--ingest-port <integer> port of the ingest (default: 8080, env: AEGIS_INGEST_PORT)');
    expect(help).toContain('--[no-]leader-elect elect a leader (default: true, env: AEGIS_LEADER_ELECT)');
    expect(help).toContain('(default: 60s, env: AEGIS_RESYNC)');
    expect(help).toContain('(choices: "low", "high", default: low, env: AEGIS_LEVEL)');
    expect(help).toContain('--redis-password-file <path> password of Redis');
    expect(help).toContain('(env: AEGIS_REDIS_PASSWORD or AEGIS_REDIS_PASSWORD_FILE)');
  });
});

describe('a command with arguments', () => {
  it('takes an argument, -n, --context and -o in any order and reads from the cluster they select', async () => {
    const { openKube, opened, closed } = fakeKube();
    const { config, args, out, code } = await run(
      ['get', '-n', 'prod', 'web', '--context', 'blue', '-ojson', '--kubeconfig=/k'],
      { openKube },
    );
    expect(config).toMatchObject({ namespace: 'prod', context: 'blue', output: 'json', allNamespaces: false });
    expect({ args, code }).toEqual({ args: ['web'], code: 3 });
    expect(JSON.parse(out)).toEqual({ path: '/api/v1/namespaces/prod/things/web' });
    expect(opened).toEqual([{ kubeconfig: '/k', context: 'blue', userAgent: 'toy-get' }]);
    expect(closed()).toBe(1);
  });

  it('a command takes further arguments, arguments after -- unchanged, and the namespace of the context', async () => {
    const { openKube } = fakeKube();
    const { config, args, out } = await run(['get', 'web', '-A', 'db', '--', '-x', '--output'], { openKube });
    expect(args).toEqual(['web', 'db', '-x', '--output']);
    expect(config).toMatchObject({ allNamespaces: true });
    expect(out).toBe('a table');
  });

  it('reports an argument that is missing, and opens no connection', async () => {
    const { openKube, opened } = fakeKube();
    const { err, code } = await run(['get', '-n', 'prod'], { openKube });
    expect(err).toContain("missing required argument 'name'");
    expect({ code, opened }).toEqual({ code: 1, opened: [] });
  });

  it('names its arguments and short flags in its help', async () => {
    const { out } = await run(['get', '-h']);
    expect(out).toContain('Usage: toy get [options] <name> [more...]');
    expect(out).toContain('-n, --namespace <string>');
    expect(out).toContain('-A, --[no-]all-namespaces');
    expect(out).toContain('-o, --output <string>');
  });
});
