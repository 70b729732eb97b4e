import { flagsCommand } from '../flags-command.ts';
import type { CommandFactory } from '../command-factory.ts';

const description = 'All roles in one process, for a small cluster or a laptop.';

export const allCommand: CommandFactory = (context, onExit) =>
  flagsCommand({ name: 'all', description }, context, onExit, async () => {
    const { ApiserverConfig } = await import('../../roles/apiserver/config.ts');
    const { apiserverConnections, buildApiserver } = await import('../../roles/apiserver/main.ts');
    const { openAccess, withAccess } = await import('../../roles/process-access.ts');
    const { WorkerConfig } = await import('../../roles/worker/config.ts');
    const { buildWorker, workerConnections } = await import('../../roles/worker/main.ts');
    const { readConfig } = await import('../../process/config.ts');
    const { runRoles } = await import('../../process/role.ts');
    const schema = WorkerConfig.extend(ApiserverConfig.shape);
    return {
      schema,
      run: (argv, env) => {
        const config = readConfig(schema, argv, env);
        return runRoles(config, (surroundings) => {
          const { kubeconfig, context, aggregatedApi: outlines } = config;
          // As many as both roles would have if each had its own.
          const connections = apiserverConnections(config) + workerConnections(config);
          const options = { kubeconfig, context, userAgent: 'aegis', connections, outlines };
          const access = openAccess(options, surroundings);
          const apiserver = buildApiserver(config, surroundings, access);
          return [withAccess(apiserver, access), buildWorker(config, surroundings, access)];
        });
      },
    };
  });
