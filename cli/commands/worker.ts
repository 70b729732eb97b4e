import { flagsCommand } from '../flags-command.ts';
import type { CommandFactory } from '../command-factory.ts';

const description =
  'Matches alerts with rules and starts remediations. Runs in any number of replicas and needs Redis.';

export const workerCommand: CommandFactory = (context, onExit) =>
  flagsCommand({ name: 'worker', description }, context, onExit, async () => {
    const { WorkerConfig } = await import('../../roles/worker/config.ts');
    const { runWorker } = await import('../../roles/worker/main.ts');
    return { schema: WorkerConfig, run: runWorker };
  });
