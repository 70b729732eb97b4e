import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { z } from 'zod';
import { errorFields } from './error-fields.ts';
import { describeSettings, type Setting } from './setting.ts';

/** A configuration that cannot be used; the message lists everything that is wrong with it, one line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`the configuration cannot be used:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;
type Given = Map<string, { text: string; origin: string }>;

/**
 * Reads the settings of a schema from flags (`--ingest-port 8080`, `--ingest-port=8080`, `--leader-elect`,
 * `--no-leader-elect`) and the environment (`AEGIS_INGEST_PORT`); flags win. Lists are separated by commas. Settings
 * marked as `secret` come from the environment or a file, see `settings.ts`.
 *
 * @param schema an object whose fields take strings, numbers, booleans or lists of strings
 * @param argv without node and script
 * @throws ConfigError with every problem at once; values of secrets are not shown
 */
export function readConfig<S extends z.ZodObject>(
  schema: S,
  argv: readonly string[],
  env: Environment,
  readFile: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): Readonly<z.infer<S>> {
  const settings = describeSettings(schema);
  const problems: string[] = [];
  const given: Given = new Map([...fromEnvironment(settings, env), ...fromFlags(settings, argv, problems)]);
  const input: Record<string, unknown> = {};
  for (const setting of settings) {
    const value = setting.secret ? readSecret(setting, given, readFile, problems) : given.get(setting.key)?.text;
    if (value !== undefined) input[setting.key] = fromText(setting, value);
  }
  const result = schema.safeParse(input);
  for (const { path, message } of result.error?.issues ?? []) {
    const setting = settings.find(({ key }) => key === path[0]);
    problems.push(`${origin(setting, given)}: ${message}`);
  }
  if (!result.success || problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(result.data);
}

function fromEnvironment(settings: readonly Setting[], env: Environment): Given {
  const given: Given = new Map();
  for (const { key, variable, secret } of settings) {
    const names = secret
      ? [
          [key, variable],
          [`${key}File`, `${variable}_FILE`],
        ]
      : [[key, variable]];
    for (const [name = '', origin = ''] of names) {
      const text = env[origin];
      // An empty variable is how manifests say "not set".
      if (text !== undefined && text !== '') given.set(name, { text, origin });
    }
  }
  return given;
}

function fromFlags(settings: readonly Setting[], argv: readonly string[], problems: string[]): Given {
  const given: Given = new Map();
  const known = new Map(settings.map((setting) => [setting.flag, setting]));
  const options = Object.fromEntries(
    settings.map(({ flag, type }) => [flag, { type: type === 'boolean' ? ('boolean' as const) : ('string' as const) }]),
  );
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, allowNegative: true, tokens: true });
  for (const token of tokens) {
    if (token.kind === 'positional') problems.push(`unexpected argument ${JSON.stringify(token.value)}`);
    if (token.kind !== 'option') continue;
    const setting = known.get(token.name);
    const negated = token.rawName.startsWith('--no-') && !token.rawName.startsWith(`--${token.name}`);
    if (setting === undefined || (negated && setting.type !== 'boolean')) {
      problems.push(`unknown flag ${token.rawName}`);
      continue;
    }
    const text = token.value ?? (setting.type === 'boolean' ? String(!negated) : undefined);
    if (text === undefined) problems.push(`--${setting.flag}: needs a value`);
    else given.set(setting.secret ? `${setting.key}File` : setting.key, { text, origin: `--${setting.flag}` });
  }
  return given;
}

function readSecret(
  setting: Setting,
  given: Given,
  readFile: (path: string) => string,
  problems: string[],
): string | undefined {
  const file = given.get(`${setting.key}File`);
  if (file === undefined) return given.get(setting.key)?.text;
  try {
    return readFile(file.text).replace(/\r?\n$/, '');
  } catch (error) {
    const { code = 'error' } = errorFields(error);
    problems.push(`${file.origin}: cannot read ${file.text} (${code})`);
    return undefined;
  }
}

/** Text that does not fit is passed on as it is: the schema words the complaint. */
function fromText({ type }: Setting, text: string): unknown {
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  if (type === 'number' || type === 'integer') return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
  if (type === 'array') return text.split(',').map((item) => item.trim());
  return text;
}

function origin(setting: Setting | undefined, given: Given): string {
  if (setting === undefined) return 'configuration';
  const { origin } = given.get(setting.key) ?? given.get(`${setting.key}File`) ?? {};
  return origin ?? `--${setting.flag} (or ${setting.variable})`;
}
