import { flagsCommand } from '../flags-command.ts';
import type { CommandFactory } from '../command-factory.ts';

const description = 'All roles in one process, for a small cluster or a laptop.';

export const allCommand: CommandFactory = (context, onExit) =>
  flagsCommand({ name: 'all', description }, context, onExit, async () => {
    const { ApiserverConfig } = await import('../../roles/apiserver/config.ts');
    const { buildApiserver } = await import('../../roles/apiserver/main.ts');
    const { openKube } = await import('../../kube/client/access.ts');
    const { WorkerConfig } = await import('../../roles/worker/config.ts');
    const { buildWorker } = await import('../../roles/worker/main.ts');
    const { readConfig } = await import('../../process/config.ts');
    const { runRoles } = await import('../../process/role.ts');
    const schema = WorkerConfig.extend(ApiserverConfig.shape);
    return {
      schema,
      run: (argv, env) => {
        const config = readConfig(schema, argv, env);
        return runRoles(config, (surroundings) => {
          const { kubeconfig, context, ingestConcurrency, concurrency } = config;
          // As many as both roles would have if each had its own.
          const connections = ingestConcurrency + 2 * concurrency + 20;
          const kube = openKube({ kubeconfig, context, userAgent: 'aegis', connections }, surroundings.registry);
          const apiserver = buildApiserver(config, surroundings, kube);
          // The connection is closed with the role that starts first and so stops last.
          return [apiserver, buildWorker(config, surroundings, { ...kube, parts: [] })];
        });
      },
    };
  });
