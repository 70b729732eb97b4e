import { commandBody, settingsCommand } from '../command.ts';

const description = 'Receive alerts and store them. Runs in any number of replicas and needs no Redis.';

export const apiserverCommand = settingsCommand({ name: 'apiserver', description }, async () => {
  const { ApiserverConfig } = await import('../../roles/apiserver/config.ts');
  const { runApiserver } = await import('../../roles/apiserver/main.ts');
  return commandBody({ schema: ApiserverConfig, run: ({ config }) => runApiserver(config) });
});
