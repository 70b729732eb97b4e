import type { AegisAlert } from '../crds/alert.ts';
import type { KubeObject } from '../crds/object.ts';
import type { AegisAlertOpsRule } from '../crds/ops-rule.ts';
import type { AegisOpsTemplate } from '../crds/ops-template.ts';
import type { AegisRemediation } from '../crds/remediation.ts';
import type { AegisRemediationPolicy } from '../crds/remediation-policy.ts';
import type { Informer } from '../kube/cache/informer.ts';
import type { Node } from '../kube/kinds/node.ts';
import type { OutlinedWorkflow } from '../remediation/views/outline-text.ts';

/** A cache that says how fresh it is. */
type Cached<T extends KubeObject> = Pick<
  Informer<T>,
  'get' | 'list' | 'byIndex' | 'onChange' | 'hasSynced' | 'lastHeard'
>;

/** The objects that this server keeps in memory; everything is read from here. */
export interface Caches {
  readonly alerts: Cached<AegisAlert>;
  readonly rules: Cached<AegisAlertOpsRule>;
  readonly templates: Cached<AegisOpsTemplate>;
  readonly policies: Cached<AegisRemediationPolicy>;
  readonly remediations: Cached<AegisRemediation>;
  readonly workflows: Cached<OutlinedWorkflow>;
  readonly nodes: Cached<Node>;
}
