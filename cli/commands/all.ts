import { commandBody, settingsCommand } from '../command.ts';

const description = 'Run all roles in one process, for a small cluster or a laptop.';

export const allCommand = settingsCommand({ name: 'all', description }, async () => {
  const { ApiserverConfig } = await import('../../roles/apiserver/config.ts');
  const { buildApiserver } = await import('../../roles/apiserver/main.ts');
  const { openKube } = await import('../../kube/client/access.ts');
  const { WorkerConfig } = await import('../../roles/worker/config.ts');
  const { buildWorker } = await import('../../roles/worker/main.ts');
  const { runRoles } = await import('../../process/role.ts');
  return commandBody({
    schema: WorkerConfig.extend(ApiserverConfig.shape),
    run: ({ config }) =>
      runRoles(config, (surroundings) => {
        const { kubeconfig, context, ingestConcurrency, concurrency } = config;
        // As many as both roles would have if each had its own.
        const connections = ingestConcurrency + 2 * concurrency + 20;
        const kube = openKube({ kubeconfig, context, userAgent: 'aegis', connections }, surroundings.registry);
        const apiserver = buildApiserver(config, surroundings, kube);
        // The connection is closed with the role that starts first and so stops last.
        return [apiserver, buildWorker(config, surroundings, { ...kube, parts: [] })];
      }),
  });
});
