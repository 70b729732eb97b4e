import type { AegisAlert } from '../crds/alert.ts';
import type { KubeObject } from '../crds/object.ts';
import type { ObjectCache, WatchedCache } from '../crds/object-cache.ts';
import type { AegisAlertOpsRule } from '../crds/ops-rule.ts';
import type { AegisOpsTemplate } from '../crds/ops-template.ts';
import type { AegisRemediation } from '../crds/remediation.ts';
import type { AegisRemediationPolicy } from '../crds/remediation-policy.ts';
import type { Workflow } from '../crds/workflow.ts';
import type { Node } from '../kube/kinds/node.ts';

/** The kinds that the controllers watch. */
interface Watched {
  alerts: AegisAlert;
  rules: AegisAlertOpsRule;
  templates: AegisOpsTemplate;
  policies: AegisRemediationPolicy;
  remediations: AegisRemediation;
  workflows: Workflow;
  nodes: Node;
}

/** The objects that reconciles read. */
export type Caches = { readonly [K in keyof Watched]: ObjectCache<Watched[K] & KubeObject> };

/** The caches with their changes. */
export type WatchedCaches = { readonly [K in keyof Watched]: WatchedCache<Watched[K] & KubeObject> };
