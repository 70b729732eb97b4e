import { Command } from 'commander';
import { allCommand } from './commands/all.ts';
import { apiserverCommand } from './commands/apiserver.ts';
import { auditCommand } from './commands/audit.ts';
import { deadLettersCommand } from './commands/dead-letters.ts';
import { uninstallCommand } from './commands/uninstall.ts';
import { versionCommand } from './commands/version.ts';
import { workerCommand } from './commands/worker.ts';
import type { CommandFactory } from './command-factory.ts';
import type { CommandContext } from './config.ts';
import { errorMessage } from '../process/error-fields.ts';

const commands: readonly CommandFactory[] = [
  apiserverCommand,
  workerCommand,
  allCommand,
  auditCommand,
  deadLettersCommand,
  uninstallCommand,
  versionCommand,
];

/** Runs `aegis <arguments>`; resolves to the exit code and never rejects. */
export async function runCli(argv: readonly string[], context: CommandContext): Promise<number> {
  let exitCode = 0;
  const program = new Command('aegis')
    .description('Event-driven auto-remediation for Kubernetes')
    .exitOverride()
    .configureOutput({ writeOut: context.print, writeErr: context.complain });
  for (const create of commands) {
    program.addCommand(
      create(context, (code) => {
        exitCode = code;
      }),
    );
  }
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (isUsage(error)) return error.exitCode;
    context.complain(`aegis: ${errorMessage(error)}\n`);
    return 1;
  }
}

/** What commander throws after it has printed help or a complaint. */
function isUsage(error: unknown): error is { exitCode: number } {
  return (
    error instanceof Error && 'code' in error && String(error.code).startsWith('commander.') && 'exitCode' in error
  );
}
