import { commandBody, settingsCommand } from '../command.ts';

const description = 'Run all roles in one process, for a small cluster or a laptop.';

export const allCommand = settingsCommand({ name: 'all', description }, async () => {
  const { ApiserverConfig } = await import('../../roles/apiserver/config.ts');
  const { apiserverConnections, buildApiserver } = await import('../../roles/apiserver/main.ts');
  const { openAccess, withAccess } = await import('../../roles/process-access.ts');
  const { WorkerConfig } = await import('../../roles/worker/config.ts');
  const { buildWorker, workerConnections } = await import('../../roles/worker/main.ts');
  const { runRoles } = await import('../../process/role.ts');
  return commandBody({
    schema: WorkerConfig.extend(ApiserverConfig.shape),
    run: ({ config }) =>
      runRoles(config, (surroundings) => {
        const { kubeconfig, context, aggregatedApi: outlines } = config;
        // As many as both roles would have if each had its own.
        const connections = apiserverConnections(config) + workerConnections(config);
        const options = { kubeconfig, context, userAgent: 'aegis', connections, outlines };
        const access = openAccess(options, surroundings);
        const apiserver = buildApiserver(config, surroundings, access);
        return [withAccess(apiserver, access), buildWorker(config, surroundings, access)];
      }),
  });
});
