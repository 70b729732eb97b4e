import type { AegisAlert } from '../../crds/alert.ts';
import { labels } from '../../crds/labels.ts';
import type { KubeObject } from '../../crds/object.ts';
import type { AegisAlertOpsRule } from '../../crds/ops-rule.ts';
import type { AegisOpsTemplate } from '../../crds/ops-template.ts';
import type { AegisRemediation } from '../../crds/remediation.ts';
import type { Workflow } from '../../crds/workflow.ts';

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
  remediations: Cache<AegisRemediation>;
  workflows: Cache<Workflow>;
}

/** Remediations by the uid of their alert. */
export const byAlert = {
  name: 'alert',
  of: ({ spec }: AegisRemediation): string[] => [spec.alertRef.uid],
};

/** Workflows by `namespace/name` of the remediation that they were made for. */
export const byRemediation = {
  name: 'remediation',
  of: ({ metadata }: Workflow): string[] => {
    const name = metadata.labels?.[labels.remediation];
    const namespace = metadata.labels?.[labels.remediationNamespace];
    return name === undefined || namespace === undefined ? [] : [`${namespace}/${name}`];
  },
};
