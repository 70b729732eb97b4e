import { z } from 'zod';
import { NamespaceName } from '../../crds/schema.ts';
import type { Removal } from '../../apiservice/registration/uninstall.ts';
import { commandBody, settingsCommand } from '../command.ts';
import { kubeSettings } from '../shared-settings.ts';

const description =
  'Remove the objects that Aegis has registered or created itself: the first step of an uninstallation, before its manifests.';

export const uninstallCommand = settingsCommand({ name: 'uninstall', description }, async () => {
  const { subresourceGroup: group, subresourceVersion: version } = await import('../../crds/subresources/group.ts');
  const { uninstall } = await import('../../apiservice/registration/uninstall.ts');
  return commandBody({
    schema: z.object({
      ...kubeSettings,
      namespace: NamespaceName.default('monitoring').meta({ short: 'n', description: 'namespace of the release' }),
      dryRun: z.boolean().default(false).meta({ description: 'only print the objects that would be deleted' }),
    }),
    run: async ({ config: { namespace, dryRun }, kube, print }) => {
      const { rest } = await kube();
      for await (const removal of uninstall({ rest, namespace, group, version, dryRun })) {
        print(`${sentence(removal)}\n`);
      }
      print(remaining);
      return 0;
    },
  });
});

function sentence({ object, result, why }: Removal): string {
  return `${object}: ${result}${why === undefined ? '' : `, ${why}`}`;
}

const remaining = `
Next, in this order:
  kubectl delete -f manifests/deploy    the roles, their RBAC and the namespace with everything in it
  kubectl delete -f manifests/install   the CustomResourceDefinitions, and with them all alerts, rules and records
Let running Workflows end first; see "Removing Aegis" in docs/operations.md.
`;
