import type { ConnectionOptions } from '../kube/client/connection.ts';
import type { RestClient } from '../kube/client/rest.ts';

/** The environment of a command; tests pass their own. */
export interface CommandContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Writes results to standard output. */
  readonly print: (text: string) => void;
  /** Writes errors and notices to standard error. */
  readonly complain: (text: string) => void;
  /** Connects to a cluster. Nothing is sent yet. @throws when there is no usable kubeconfig */
  readonly openKube: (options: ConnectionOptions) => Promise<KubeClient>;
}

/** A connection to a cluster as the user of a kubeconfig. */
export interface KubeClient {
  readonly rest: RestClient;
  /** Namespace of the kubeconfig's context, or of the pod. */
  readonly namespace: string | undefined;
  close(): Promise<void>;
}

/** Returns the environment of this process; the only place where commands get it from. */
export function processContext(): CommandContext {
  return {
    env: process.env,
    print: (text) => {
      process.stdout.write(text);
    },
    complain: (text) => {
      process.stderr.write(text);
    },
    openKube: async (options) => {
      const { connect } = await import('../kube/client/connection.ts');
      const { createRestClient } = await import('../kube/client/rest.ts');
      const connection = connect(options);
      const { namespace } = connection;
      return { rest: createRestClient(connection), namespace, close: () => connection.close() };
    },
  };
}
