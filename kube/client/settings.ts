import { z } from 'zod';

/** Settings that select the cluster and the user, as `KubeConfigOptions` takes them. */
export const kubeSettings = {
  kubeconfig: z
    .string()
    .optional()
    .meta({ description: 'path of a kubeconfig; default: KUBECONFIG, the service account of the pod, ~/.kube/config' }),
  context: z.string().optional().meta({ description: 'context of the kubeconfig; default: its current context' }),
};
