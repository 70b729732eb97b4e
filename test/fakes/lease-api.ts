import { ApiError } from '../../kube/client/api-error.ts';
import type { Lease } from '../../kube/kinds/lease.ts';
import type { DeleteOptions, ObjectKey } from '../../kube/client/resources.ts';

function refusal(status: number, reason: string): ApiError {
  const kind = status === 409 ? 'conflict' : 'terminal';
  return new ApiError({ status, reason, message: reason, retry: { kind } });
}

/** Leases as an API server keeps them: unique names, and writes that only fit the state that they name. */
export class LeaseApi {
  readonly stored = new Map<string, Lease>();
  /** Every request that came in, in order. */
  readonly requests: string[] = [];
  /** Thrown instead of the next answer. */
  failure: ApiError | undefined;
  /** Each request waits for this before it is served, and again before it is answered. */
  readonly #wait: () => Promise<void>;
  #version = 0;

  constructor(wait: () => Promise<void> = () => Promise.resolve()) {
    this.#wait = wait;
  }

  async #serve<T>(verb: string, act: () => T): Promise<T> {
    await this.#wait();
    this.requests.push(verb);
    const { failure } = this;
    this.failure = undefined;
    if (failure !== undefined) throw failure;
    const result = act();
    await this.#wait();
    return result;
  }

  #store(lease: Lease, uid: string | undefined): Lease {
    this.#version += 1;
    const metadata = {
      ...lease.metadata,
      uid: uid ?? `lease-${this.#version}`,
      resourceVersion: String(this.#version),
    };
    const stored = { ...lease, metadata };
    this.stored.set(lease.metadata.name, stored);
    return stored;
  }

  find(key: ObjectKey): Promise<Lease | undefined> {
    return this.#serve('get', () => this.stored.get(key.name));
  }

  list(): Promise<{ items: Lease[]; resourceVersion: string }> {
    return this.#serve('list', () => ({ items: [...this.stored.values()], resourceVersion: String(this.#version) }));
  }

  create(lease: Lease): Promise<Lease> {
    return this.#serve('create', () => {
      if (this.stored.has(lease.metadata.name)) throw refusal(409, 'AlreadyExists');
      return this.#store(lease, undefined);
    });
  }

  replace(lease: Lease): Promise<Lease> {
    return this.#serve('update', () => {
      const { uid, resourceVersion } = this.stored.get(lease.metadata.name)?.metadata ?? {};
      const isSame = uid === lease.metadata.uid && resourceVersion === lease.metadata.resourceVersion;
      if (!isSame) throw refusal(409, 'Conflict');
      return this.#store(lease, uid);
    });
  }

  delete(key: ObjectKey, options: DeleteOptions = {}): Promise<boolean> {
    return this.#serve('delete', () => {
      const found = this.stored.get(key.name)?.metadata;
      if (found === undefined) return false;
      const isSame = found.uid === options.uid && found.resourceVersion === options.resourceVersion;
      if (!isSame) throw refusal(409, 'Conflict');
      return this.stored.delete(key.name);
    });
  }
}
