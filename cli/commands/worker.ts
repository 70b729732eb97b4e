import { commandBody, settingsCommand } from '../command.ts';

const description = 'Match alerts with rules and start remediations. Runs in any number of replicas and needs Redis.';

export const workerCommand = settingsCommand({ name: 'worker', description }, async () => {
  const { WorkerConfig } = await import('../../roles/worker/config.ts');
  const { runWorker } = await import('../../roles/worker/main.ts');
  return commandBody({ schema: WorkerConfig, run: ({ config }) => runWorker(config) });
});
