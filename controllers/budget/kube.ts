import type { Clock } from '../../lib/clock.ts';
import { aegisRemediationPolicies } from '../../crds/remediation-policy.ts';
import type { AegisRemediation } from '../../crds/remediation.ts';
import { resources, type ResourceClient } from '../../kube/client/resources.ts';
import type { RestClient } from '../../kube/client/rest.ts';
import { ReservedBudgets, type BudgetPorts } from '../../remediation/budget/acquire.ts';
import type { SweepPorts } from '../../remediation/budget/sweep.ts';
import { byRemediation } from '../../remediation/attempts/indexes.ts';
import { hasEnded } from '../../remediation/attempts/workflow-outcome.ts';
import { clusterViewOf } from '../../remediation/cluster-view.ts';
import { KeyedMutex } from '../../lib/keyed-mutex.ts';
import { budgetStore } from './store.ts';
import type { Caches } from '../caches.ts';

/** The surroundings of budgets, on a real API server. */
export function budgetPorts(options: {
  rest: RestClient;
  caches: Caches;
  remediations: Pick<ResourceClient<AegisRemediation>, 'find'>;
  clock: Clock;
}): BudgetPorts & SweepPorts {
  const { rest, caches, remediations, clock } = options;
  const locks = new KeyedMutex();
  return {
    cluster: clusterViewOf(caches),
    store: budgetStore(resources(rest, aegisRemediationPolicies)),
    reserved: new ReservedBudgets(),
    serially: (policy, work) => locks.run(policy, work),
    sleep: (ms) => clock.sleep(ms),
    random: Math.random,
    now: () => clock.now(),
    readRemediation: (namespace, name) => remediations.find({ namespace, name }),
    works: (namespace, name) =>
      caches.workflows.byIndex(byRemediation.name, `${namespace}/${name}`).some((workflow) => !hasEnded(workflow)),
  };
}
