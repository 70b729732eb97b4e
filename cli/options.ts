import { Command, Option, type ParseOptionsResult } from 'commander';
import type { z } from 'zod';
import type { CommandLine } from '../process/config.ts';
import { describeSettings, type Setting } from '../process/setting.ts';

/**
 * Stands after the last argument and so becomes the value of a flag that has none: commander alone would stop there and
 * report no other problem. No real argument has a NUL.
 */
const noValue = '\0';

/**
 * A command whose options are the settings of a schema. It collects the problems of a command line instead of stopping at
 * the first. Its schema is loaded by `prepare`, which the parent command calls before it parses.
 */
export class SettingsCommand extends Command {
  readonly #load: () => Promise<z.ZodObject>;
  readonly #problems: string[] = [];
  #settings: readonly Setting[] = [];

  constructor(name: string, load: () => Promise<z.ZodObject>) {
    super(name);
    this.#load = load;
    this.allowExcessArguments();
    this.configureHelp({
      optionTerm: ({ flags, long }) => (this.#isSwitch(long) ? flags.replace('--', '--[no-]') : flags),
    });
  }

  async prepare(): Promise<void> {
    this.#settings = describeSettings(await this.#load());
    for (const setting of this.#settings) {
      this.addOption(optionOf(setting));
      if (setting.type === 'boolean') this.addOption(new Option(`--no-${setting.flag}`).hideHelp());
    }
  }

  /** Returns the flags of the parsed command line and everything that is wrong with it. */
  commandLine(): CommandLine {
    const flags: Record<string, string> = {};
    const problems = [...this.#problems, ...this.#excessArguments()];
    for (const { flag, key, secret } of this.#settings) {
      const name = secret ? `${key}File` : key;
      // Commander also reads `process.env`, where it takes `false` and an empty text for true.
      if (this.getOptionValueSource(name) !== 'cli') continue;
      const text = String(this.getOptionValue(name));
      if (text === noValue) problems.push(`--${flag}: needs a value`);
      else flags[flag] = text;
    }
    return { flags, problems };
  }

  /** Takes `--switch=true` and `--switch=false` as well, and keeps only a request for help as unknown. */
  override parseOptions(argv: string[]): ParseOptionsResult {
    const { operands, unknown } = super.parseOptions([...argv.map((text) => this.#plainSwitch(text)), noValue]);
    const end = unknown.includes('--') ? unknown.indexOf('--') : unknown.length;
    const help: string[] = [];
    for (const text of unknown.slice(0, end)) {
      if (text === '-h' || text === '--help') help.push(text);
      else if (text.length > 1 && text.startsWith('-')) this.#problems.push(this.#problemOf(text));
      else operands.push(text);
    }
    operands.push(...unknown.slice(end + 1));
    return { operands: operands.filter((text) => text !== noValue), unknown: help };
  }

  #isSwitch(long: string | undefined): boolean {
    return this.#settings.some(({ flag, type }) => type === 'boolean' && `--${flag}` === long);
  }

  #plainSwitch(text: string): string {
    const [flag = '', value] = text.split('=', 2);
    if (!this.#isSwitch(flag)) return text;
    return value === 'true' ? flag : value === 'false' ? flag.replace('--', '--no-') : text;
  }

  #problemOf(text: string): string {
    const [flag = ''] = text.split('=', 1);
    return this.#isSwitch(flag) ? `${flag}: must be true or false` : `unknown flag ${flag}`;
  }

  #excessArguments(): string[] {
    if (this.registeredArguments.at(-1)?.variadic) return [];
    const excess = this.args.slice(this.registeredArguments.length);
    return excess.map((text) => `unexpected argument ${JSON.stringify(text)}`);
  }
}

/** Values are validated by the schema, so that all problems are reported at once: the option only describes them. */
function optionOf({
  flag,
  short,
  type,
  secret,
  description,
  variable,
  required,
  choices,
  default: byDefault,
}: Setting): Option {
  const long = short === '' ? `--${flag}` : `-${short}, --${flag}`;
  const option = new Option(type === 'boolean' ? long : `${long} <${secret ? 'path' : type}>`);
  option.description = required ? `${description}; required` : description;
  option.env(secret ? `${variable} or ${variable}_FILE` : variable);
  if (choices.length > 0) option.argChoices = [...choices];
  const text = Array.isArray(byDefault) ? byDefault.join(',') : typeof byDefault === 'string' ? byDefault : undefined;
  if (byDefault !== undefined && text !== '') option.default(byDefault, text);
  return option;
}
