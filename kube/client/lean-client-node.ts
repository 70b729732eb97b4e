import { registerHooks } from 'node:module';

/** The file of client-node that re-exports its thousand generated models. */
export const models = '/@kubernetes/client-node/dist/gen/index.js';

/** What client-node's reader of kubeconfigs takes from there, and needs only to make clients of its own. */
export const standIn = 'export function createConfiguration() {}\nexport class ServerConfiguration {}\n';

/**
 * Keeps client-node from loading its generated models, which cost 75 MiB and a quarter of a second and of which we use
 * none: kubeconfigs and credentials are all that we take from it. To be called before anything of `kube/` is loaded;
 * without it everything works the same, only larger.
 */
export function leaveOutModels(): void {
  registerHooks({
    load: (url, context, nextLoad) =>
      url.endsWith(models) ? { format: 'module', shortCircuit: true, source: standIn } : nextLoad(url, context),
  });
}
