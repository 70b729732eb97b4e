import { Command } from 'commander';
import type { z } from 'zod';
import { ConfigError } from '../process/config.ts';
import { helpText } from '../process/setting.ts';
import type { CommandContext } from './config.ts';

/** What a command does, loaded when it is called: nobody pays for the libraries of the others. */
export interface CommandBody {
  /** Its flags. */
  readonly schema: z.ZodObject;
  /** Answers the exit code. @throws ConfigError */
  run(argv: readonly string[], env: CommandContext['env']): Promise<number>;
}

/** Exit code for flags that cannot be used, as in most programs. */
const usageError = 2;

/**
 * A command whose flags, environment variables and help come from a schema.
 *
 * @param onExit gets the exit code
 */
export function flagsCommand(
  { name, description }: { name: string; description: string },
  context: CommandContext,
  onExit: (code: number) => void,
  load: () => Promise<CommandBody>,
): Command {
  return new Command(name)
    .description(description)
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .addHelpText('after', `\nFlags: aegis ${name} --help`)
    .action(async (_options: object, command: Command) => {
      const body = await load();
      if (command.args.some((argument) => argument === '--help' || argument === '-h')) {
        context.print(`Usage: aegis ${name} [flags]\n\n${description}\n\n${helpText(body.schema)}`);
        onExit(0);
        return;
      }
      try {
        onExit(await body.run(command.args, context.env));
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        context.complain(`aegis ${name}: ${error.message}\nSee: aegis ${name} --help\n`);
        onExit(usageError);
      }
    });
}
