import { Command } from 'commander';
import type { CommandFactory } from '../command-factory.ts';

const description =
  'Checks that no record of an audit file was changed, removed, inserted or moved; exits 1 otherwise.';

export const auditCommand: CommandFactory = (context, onExit) =>
  new Command('audit')
    .description('Looks after audit files.')
    .exitOverride()
    .configureOutput({ writeOut: context.print, writeErr: context.complain })
    .addCommand(
      new Command('verify')
        .description(description)
        .argument('<file>', 'what a worker wrote with --audit-log')
        .option('--contains <hash>', 'the hash of a record that must be in it, noted elsewhere: finds a cut-off end')
        .exitOverride()
        .configureOutput({ writeOut: context.print, writeErr: context.complain })
        .action(async (path: string, { contains }: { contains?: string }) => {
          const { verifyFile } = await import('../audit-file.ts');
          const { ok, text } = await verifyFile(path, contains);
          (ok ? context.print : context.complain)(`${text}\n`);
          onExit(ok ? 0 : 1);
        }),
    );
