import { ApiError } from '../../kube/client/api-error.ts';
import type { ResourceClient } from '../../kube/client/resources.ts';
import type { Authorities } from './authorities.ts';
import { authoritySecret, authoritySecretName, readAuthorities, type Secret } from './authority-secret.ts';

/** Stores the authorities in the cluster. */
export interface AuthorityStore {
  /** Returns undefined when there are none yet. @throws when they cannot be read or used */
  read(signal?: AbortSignal): Promise<Stored | undefined>;
  /**
   * Replaces what was read, or creates the Secret. Returns false on a conflict: read again, decide again.
   *
   * @throws when it cannot be done
   */
  write(authorities: Authorities, before: Stored | undefined, signal?: AbortSignal): Promise<boolean>;
}

/** The authorities with the Secret that they were read from. */
export interface Stored {
  /** Undefined for a Secret that is empty. */
  readonly authorities: Authorities | undefined;
  readonly secret: Secret;
}

export function createAuthorityStore(
  client: Pick<ResourceClient<Secret>, 'find' | 'create' | 'replace'>,
  namespace: string,
): AuthorityStore {
  return {
    read: async (signal) => {
      const secret = await client.find({ namespace, name: authoritySecretName }, { signal });
      return secret && { authorities: readAuthorities(secret), secret };
    },
    write: async (authorities, before, signal) => {
      const secret = authoritySecret(authorities, namespace, before?.secret);
      try {
        await (before === undefined ? client.create(secret, { signal }) : client.replace(secret, { signal }));
        return true;
      } catch (error) {
        if (error instanceof ApiError && error.retry.kind === 'conflict') return false;
        throw error;
      }
    },
  };
}
