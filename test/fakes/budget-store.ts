import type { AegisRemediationPolicy } from '../../crds/remediation-policy.ts';
import type { BudgetStatus, BudgetStore } from '../../remediation/budget/store.ts';

/** Policies in memory, with the one rule that matters: a write on what has changed since it was read is a conflict. */
export class FakeBudgetStore implements BudgetStore {
  readonly policies = new Map<string, AegisRemediationPolicy>();
  /** Called between a read and the next write, in place of a concurrent writer. */
  between: (() => void) | undefined;
  readError: Error | undefined;
  refusal: string | undefined;
  writes = 0;
  #version = 0;

  put(policy: AegisRemediationPolicy): void {
    this.#version += 1;
    const metadata = { ...policy.metadata, resourceVersion: String(this.#version) };
    this.policies.set(policy.metadata.name, { ...policy, metadata });
  }

  read(name: string): Promise<AegisRemediationPolicy | undefined> {
    if (this.readError !== undefined) return Promise.reject(this.readError);
    return Promise.resolve(this.policies.get(name));
  }

  write(policy: AegisRemediationPolicy, status: BudgetStatus): ReturnType<BudgetStore['write']> {
    this.between?.();
    const present = this.policies.get(policy.metadata.name);
    if (this.refusal !== undefined) return Promise.resolve({ refused: this.refusal });
    if (present?.metadata.resourceVersion !== policy.metadata.resourceVersion) return Promise.resolve('conflict');
    this.writes += 1;
    this.put({ ...policy, status: { ...policy.status, ...status } });
    return Promise.resolve('written');
  }
}
