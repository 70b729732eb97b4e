import type { AegisAlert } from '../crds/alert.ts';
import type { KubeObject } from '../crds/object.ts';
import type { Node } from '../kube/kinds/node.ts';
import type { AegisAlertOpsRule } from '../crds/ops-rule.ts';
import type { AegisOpsTemplate } from '../crds/ops-template.ts';
import type { AegisRemediation } from '../crds/remediation.ts';
import type { AegisRemediationPolicy } from '../crds/remediation-policy.ts';
import type { Workflow } from '../crds/workflow.ts';

/** What the reconcilers read from an informer. */
export interface Cache<T extends KubeObject> {
  get(namespace: string | undefined, name: string): T | undefined;
  list(): readonly T[];
  byIndex(index: string, value: string): readonly T[];
}

/** The watched kinds; all workers keep all of them. */
export interface Caches {
  alerts: Cache<AegisAlert>;
  rules: Cache<AegisAlertOpsRule>;
  templates: Cache<AegisOpsTemplate>;
  policies: Cache<AegisRemediationPolicy>;
  remediations: Cache<AegisRemediation>;
  workflows: Cache<Workflow>;
  nodes: Cache<Node>;
}
