import { z } from 'zod';
import { NamespaceName } from '../../crds/schema.ts';
import type { Removal } from '../../apiservice/registration/uninstall.ts';
import { readConfig } from '../../process/config.ts';
import { flagsCommand } from '../flags-command.ts';
import type { CommandFactory } from '../command-factory.ts';

const description =
  'Removes what Aegis has registered and made itself: the first step of an uninstallation, before its manifests.';

export const uninstallCommand: CommandFactory = (context, onExit) =>
  flagsCommand({ name: 'uninstall', description }, context, onExit, async () => {
    const { subresourceGroup: group, subresourceVersion: version } = await import('../../crds/subresources/group.ts');
    const { uninstall } = await import('../../apiservice/registration/uninstall.ts');
    const { connect } = await import('../../kube/client/connection.ts');
    const { createRestClient } = await import('../../kube/client/rest.ts');
    const schema = z.object({
      kubeconfig: z.string().optional().meta({ description: 'kubeconfig file; default as kubectl finds it' }),
      namespace: NamespaceName.default('monitoring').meta({ description: 'namespace of the release' }),
      dryRun: z.boolean().default(false).meta({ description: 'only say what would be deleted' }),
    });
    return {
      schema,
      run: async (argv, env) => {
        const { kubeconfig, namespace, dryRun } = readConfig(schema, argv, env);
        const connection = connect({ kubeconfig, userAgent: 'aegis-uninstall' });
        try {
          const rest = createRestClient(connection);
          for await (const removal of uninstall({ rest, namespace, group, version, dryRun })) {
            context.print(`${sentence(removal)}\n`);
          }
          context.print(remaining);
          return 0;
        } finally {
          await connection.close();
        }
      },
    };
  });

function sentence({ object, result, why }: Removal): string {
  return `${object}: ${result}${why === undefined ? '' : `, ${why}`}`;
}

const remaining = `
What remains to be done, in this order:
  kubectl delete -f manifests/deploy    the roles, their rights and the namespace with what lies in it
  kubectl delete -f manifests/install   the definitions, and with them all alerts, rules and records
Let running Workflows end before that; see "Removing Aegis" in docs/operations.md.
`;
