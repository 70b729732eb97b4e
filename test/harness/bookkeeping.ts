import { aegisAlerts } from '../../crds/alert.ts';
import { aegisRemediations } from '../../crds/remediation.ts';
import { labels } from '../../crds/labels.ts';
import { workflows } from '../../crds/workflow.ts';
import type { Harness } from './aegis.ts';

/** The alerts in the cluster compared with the acknowledged ones. */
export interface Books {
  alerts: number;
  /** Fingerprints that were acknowledged and have no alert. */
  lost: string[];
  /** Alerts that have no Workflow yet. */
  open: string[];
  /** Alerts that have more than one Workflow or attempt. */
  doubled: string[];
}

/** Counts alerts, attempts and Workflows; reads everything from the API server. */
export async function balance(harness: Harness, acknowledged: Iterable<string>): Promise<Books> {
  const alerts = (await harness.client(aegisAlerts).list()).items;
  const attempts = (await harness.client(aegisRemediations).list()).items;
  const runs = (await harness.client(workflows).list()).items;
  const known = new Set(alerts.map(({ spec }) => spec.fingerprint));
  const attemptsOf = Map.groupBy(attempts, ({ spec }) => spec.alertRef.name);
  const runsOf = Map.groupBy(runs, ({ metadata }) => metadata.labels?.[labels.alert] ?? '');
  const names = alerts.map(({ metadata }) => metadata.name);
  return {
    alerts: alerts.length,
    lost: [...acknowledged].filter((fingerprint) => !known.has(fingerprint)),
    open: names.filter((name) => !runsOf.has(name)),
    doubled: names.filter((name) => (runsOf.get(name)?.length ?? 0) > 1 || (attemptsOf.get(name)?.length ?? 0) > 1),
  };
}
