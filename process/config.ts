import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { errorFields } from './error-fields.ts';
import { describeSettings, type Setting } from './setting.ts';

/** A configuration that cannot be used; the message lists every problem, one line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`the configuration cannot be used:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/** The flags of a command line, parsed but not yet validated. */
export interface CommandLine {
  /** Values by flag name without dashes, such as `ingest-port`; switches are `true` or `false`. */
  readonly flags: Readonly<Record<string, string>>;
  /** Problems that the parser found, such as unknown flags. */
  readonly problems?: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;
type Given = Map<string, { text: string; origin: string }>;

/**
 * Reads the settings of a schema from flags (`--ingest-port`) and the environment (`AEGIS_INGEST_PORT`); flags win.
 * Lists are separated by commas. Settings marked as `secret` come from the environment or a file, see `settings.ts`.
 *
 * @param schema an object whose fields take strings, numbers, booleans or lists of strings
 * @throws ConfigError with every problem at once, those of the command line included; never with values of secrets
 */
export function readConfig<S extends z.ZodObject>(
  schema: S,
  { flags, problems: parseProblems = [] }: CommandLine,
  env: Environment,
  readFile: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): Readonly<z.infer<S>> {
  const settings = describeSettings(schema);
  const problems = [...parseProblems];
  const given: Given = new Map([...fromEnvironment(settings, env), ...fromFlags(settings, flags)]);
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

function fromFlags(settings: readonly Setting[], flags: CommandLine['flags']): Given {
  const given: Given = new Map();
  for (const { key, flag, secret } of settings) {
    const text = flags[flag];
    if (text !== undefined) given.set(secret ? `${key}File` : key, { text, origin: `--${flag}` });
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

/** Text that does not fit is passed on unchanged, so that the schema reports it. */
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
