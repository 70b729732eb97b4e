import { groupCommand } from './command.ts';
import { allCommand } from './commands/all.ts';
import { apiserverCommand } from './commands/apiserver.ts';
import { auditCommand } from './commands/audit.ts';
import { deadLettersCommand } from './commands/dead-letters.ts';
import { uninstallCommand } from './commands/uninstall.ts';
import { versionCommand } from './commands/version.ts';
import { workerCommand } from './commands/worker.ts';
import type { CommandContext } from './config.ts';
import { errorMessage } from '../process/error-fields.ts';

const aegis = groupCommand({ name: 'aegis', description: 'Event-driven auto-remediation for Kubernetes' }, [
  apiserverCommand,
  workerCommand,
  allCommand,
  auditCommand,
  deadLettersCommand,
  uninstallCommand,
  versionCommand,
]);

/** Runs `aegis <arguments>`; resolves to the exit code and never rejects. */
export async function runCli(argv: readonly string[], context: CommandContext): Promise<number> {
  let exitCode = 0;
  const program = aegis(context, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(withoutHelpCommand(argv), { from: 'user' });
    return exitCode;
  } catch (error) {
    if (isUsage(error)) return error.exitCode;
    context.complain(`aegis: ${errorMessage(error)}\n`);
    return 1;
  }
}

/** `help worker` as `worker --help`: commander's own `help` skips the hook that loads the flags of a command. */
function withoutHelpCommand(argv: readonly string[]): string[] {
  const [first, ...path] = argv;
  return first === 'help' && path.length > 0 ? [...path, '--help'] : [...argv];
}

/** Whether commander threw this after printing help or an error. */
function isUsage(error: unknown): error is { exitCode: number } {
  return (
    error instanceof Error && 'code' in error && String(error.code).startsWith('commander.') && 'exitCode' in error
  );
}
