import { Command } from 'commander';
import { z } from 'zod';
import { ConfigError, readConfig } from '../process/config.ts';
import type { CommandContext, KubeClient } from './config.ts';
import { SettingsCommand } from './options.ts';
import { kubeSettings } from './shared-settings.ts';

/** Creates one command of `aegis`; `onExit` is called with its exit code. */
export type CommandFactory = (context: CommandContext, onExit: (code: number) => void) => Command;

/** A command as its help lists it. */
export interface CommandDefinition {
  readonly name: string;
  readonly description: string;
  /** Positional arguments with their descriptions, in order: `<name>`, `[name]`, `[names...]`. */
  readonly arguments?: Readonly<Record<string, string>>;
}

/** The body of a command. It is loaded when the command is called, so that no command loads the libraries of another. */
export interface CommandBody<S extends z.ZodObject = z.ZodObject> {
  /** Its flags and environment variables. */
  readonly schema: S;
  /** Resolves to the exit code. @throws ConfigError */
  run(invocation: Invocation<S>): Promise<number>;
}

/** One call of a command. */
export interface Invocation<S extends z.ZodObject> extends Pick<CommandContext, 'print' | 'complain'> {
  readonly config: Readonly<z.infer<S>>;
  /** Positional arguments. */
  readonly args: readonly string[];
  /** Connects to the cluster that `--kubeconfig` and `--context` select, once; closed after the run. */
  readonly kube: () => Promise<KubeClient>;
}

/** Exit code for flags that cannot be used, as in most programs. */
const usageError = 2;

/** Returns the body with its types bound to its schema. */
export function commandBody<S extends z.ZodObject>(body: CommandBody<S>): CommandBody {
  return body;
}

/** Creates a command whose flags, environment variables and help come from a schema. */
export function settingsCommand(
  { name, description, arguments: positional = {} }: CommandDefinition,
  load: () => Promise<CommandBody>,
): CommandFactory {
  return (context, onExit) => {
    let loaded: Promise<CommandBody> | undefined;
    const body = () => (loaded ??= load());
    const command = new SettingsCommand(name, async () => (await body()).schema);
    configure(command, description, context);
    for (const [syntax, meaning] of Object.entries(positional)) command.argument(syntax, meaning);
    return command.action(async () => {
      try {
        onExit(await runBody(await body(), command, context));
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        const path = pathOf(command);
        context.complain(`${path}: ${error.message}\nSee: ${path} --help\n`);
        onExit(usageError);
      }
    });
  };
}

/** Creates a command that consists of other commands. */
export function groupCommand(
  { name, description }: CommandDefinition,
  commands: readonly CommandFactory[],
): CommandFactory {
  return (context, onExit) => {
    const group = configure(new Command(name), description, context);
    group.hook('preSubcommand', async (_, command) => {
      if (command instanceof SettingsCommand) await command.prepare();
    });
    for (const create of commands) group.addCommand(create(context, onExit));
    return group;
  };
}

function configure(command: Command, description: string, { print, complain }: CommandContext): Command {
  return command.description(description).exitOverride().configureOutput({ writeOut: print, writeErr: complain });
}

async function runBody(body: CommandBody, command: SettingsCommand, context: CommandContext): Promise<number> {
  const config = readConfig(body.schema, command.commandLine(), context.env);
  const opened: { client?: Promise<KubeClient> } = {};
  const kube = () => {
    const userAgent = pathOf(command).replaceAll(' ', '-');
    return (opened.client ??= context.openKube({ ...KubeSettings.parse(config), userAgent }));
  };
  try {
    return await body.run({ print: context.print, complain: context.complain, config, args: command.args, kube });
  } finally {
    await (await opened.client)?.close();
  }
}

const KubeSettings = z.object(kubeSettings);

/** `aegis worker` */
function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}
