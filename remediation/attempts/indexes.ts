import type { AegisAlert } from '../../crds/alert.ts';
import { labels } from '../../crds/labels.ts';
import type { AegisRemediation, RemediationTarget } from '../../crds/remediation.ts';
import type { Workflow } from '../../crds/workflow.ts';
import { byClaim } from './target.ts';

/** How caches find the episodes of one alert: by namespace and the key that they share. */
export const byEpisodes = {
  name: 'episodes',
  of: ({ metadata }: AegisAlert): string[] => {
    const key = metadata.labels?.[labels.dedupKey];
    return key === undefined ? [] : [`${metadata.namespace ?? ''}/${key}`];
  },
};

/** How caches find the attempts of an alert: by its uid. */
export const byAlert = {
  name: 'alert',
  of: ({ spec }: AegisRemediation): string[] => [spec.alertRef.uid],
};

/** How caches find the attempts upon an object: by kind (in lower case), namespace and name. */
export const byTarget = {
  name: 'target',
  values: ({ kind, namespace = '', name }: RemediationTarget): string[] =>
    kind === undefined || name === undefined ? [] : [`${kind.toLowerCase()}/${namespace}/${name}`],
  of: ({ spec }: AegisRemediation): string[] => (spec.target === undefined ? [] : byTarget.values(spec.target)),
};

/** How caches find the attempts of a rule: by its `namespace/name`. */
export const byRule = {
  name: 'rule',
  of: ({ spec }: AegisRemediation): string[] =>
    spec.ruleRef === undefined ? [] : [`${spec.ruleRef.namespace}/${spec.ruleRef.name}`],
};

/** All indexes of a cache of attempts. */
export const attemptIndexers = {
  [byAlert.name]: byAlert.of,
  [byTarget.name]: byTarget.of,
  [byRule.name]: byRule.of,
  [byClaim.name]: byClaim.of,
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
