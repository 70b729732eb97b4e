import { registerHooks } from 'node:module';

/** The file of client-node that re-exports its thousand generated models. */
export const models = '/@kubernetes/client-node/dist/gen/index.js';

/** The exports that client-node's reader of kubeconfigs imports from there, and uses only to create its own clients. */
export const standIn = 'export function createConfiguration() {}\nexport class ServerConfiguration {}\n';

/**
 * Keeps client-node from loading its generated models, which cost 75 MiB and a quarter of a second and of which we use
 * none: kubeconfigs and credentials are all that we use of it. Must be called before other modules of `kube/` are
 * loaded; without it everything works the same, only larger.
 */
export function leaveOutModels(): void {
  registerHooks({
    load: (url, context, nextLoad) =>
      url.endsWith(models) ? { format: 'module', shortCircuit: true, source: standIn } : nextLoad(url, context),
  });
}
