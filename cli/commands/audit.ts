import { z } from 'zod';
import { commandBody, groupCommand, settingsCommand } from '../command.ts';

const description =
  'Check that no record of an audit file was changed, removed, inserted or moved; exits 1 if one was.';

const verifyCommand = settingsCommand(
  { name: 'verify', description, arguments: { '<file>': 'file that a worker wrote with --audit-log' } },
  async () => {
    const { verifyFile } = await import('../audit-file.ts');
    return commandBody({
      schema: z.object({
        contains: z.string().optional().meta({
          description: 'hash of a record that must be in the file, noted elsewhere: finds records removed at the end',
        }),
      }),
      run: async ({ args: [path = ''], config: { contains }, print, complain }) => {
        const { ok, text } = await verifyFile(path, contains);
        (ok ? print : complain)(`${text}\n`);
        return ok ? 0 : 1;
      },
    });
  },
);

export const auditCommand = groupCommand({ name: 'audit', description: 'Check audit files.' }, [verifyCommand]);
