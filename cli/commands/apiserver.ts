import { flagsCommand } from '../flags-command.ts';
import type { CommandFactory } from '../command-factory.ts';

const description = 'Receives alerts and stores them. Runs in any number of replicas and needs no Redis.';

export const apiserverCommand: CommandFactory = (context, onExit) =>
  flagsCommand({ name: 'apiserver', description }, context, onExit, async () => {
    const { ApiserverConfig } = await import('../../roles/apiserver/config.ts');
    const { runApiserver } = await import('../../roles/apiserver/main.ts');
    return { schema: ApiserverConfig, run: runApiserver };
  });
