import { z } from 'zod';
import { NamespaceName } from '../crds/schema.ts';

export { kubeSettings } from '../kube/client/settings.ts';

/** `-n` and `-A`, as kubectl has them. */
export const namespaceSettings = {
  namespace: NamespaceName.optional().meta({
    short: 'n',
    description: 'namespace of the objects; default: the namespace of the context',
  }),
  allNamespaces: z.boolean().default(false).meta({ short: 'A', description: 'all namespaces' }),
};

/** `-o`; the first format is the default. */
export function outputSetting<const F extends readonly [string, ...string[]]>(formats: F) {
  return {
    output: z.enum(formats).default(formats[0]).meta({ short: 'o', description: 'output format' }),
  };
}
