import { labels } from '../crds/labels.ts';
import type { AegisRemediation } from '../crds/remediation.ts';
import type { Workflow } from '../crds/workflow.ts';

/** How caches find the attempts of an alert: by its uid. */
export const byAlert = {
  name: 'alert',
  of: ({ spec }: AegisRemediation): string[] => [spec.alertRef.uid],
};

/** How caches find the Workflow of an attempt: by `namespace/name` of the remediation. */
export const byRemediation = {
  name: 'remediation',
  of: ({ metadata }: Workflow): string[] => {
    const name = metadata.labels?.[labels.remediation];
    const namespace = metadata.labels?.[labels.remediationNamespace];
    return name === undefined || namespace === undefined ? [] : [`${namespace}/${name}`];
  },
};
