import type { AegisAlert } from '../crds/alert.ts';
import type { ObjectCache } from '../crds/object-cache.ts';
import type { Node } from '../kube/kinds/node.ts';
import type { AegisAlertOpsRule } from '../crds/ops-rule.ts';
import type { AegisOpsTemplate } from '../crds/ops-template.ts';
import type { AegisRemediation } from '../crds/remediation.ts';
import type { AegisRemediationPolicy } from '../crds/remediation-policy.ts';
import type { Workflow } from '../crds/workflow.ts';

/** The watched kinds; all workers keep all of them. */
export interface Caches {
  alerts: ObjectCache<AegisAlert>;
  rules: ObjectCache<AegisAlertOpsRule>;
  templates: ObjectCache<AegisOpsTemplate>;
  policies: ObjectCache<AegisRemediationPolicy>;
  remediations: ObjectCache<AegisRemediation>;
  workflows: ObjectCache<Workflow>;
  nodes: ObjectCache<Node>;
}
