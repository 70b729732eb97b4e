import type { AegisAlert } from '../crds/alert.ts';
import type { AegisRemediation, RemediationTarget } from '../crds/remediation.ts';
import type { AegisRemediationPolicy } from '../crds/remediation-policy.ts';
import type { KubeObject } from '../crds/object.ts';
import type { ObjectCache } from '../crds/object-cache.ts';
import { byRule, byTarget } from './attempts/indexes.ts';
import { byClaim, claimsOf } from './attempts/target.ts';

/** The fields of a Node that decisions read. */
export interface NodeFacts extends KubeObject {
  spec?: { unschedulable?: boolean };
  status?: { conditions?: readonly { type: string; status: string }[] };
}

/** A read-only view of the cluster for decisions; as current as the caches. */
export interface ClusterView {
  policies(): readonly AegisRemediationPolicy[];
  /** The alerts of all namespaces. */
  alerts(): readonly AegisAlert[];
  /** The attempts of all alerts. */
  attempts(): readonly AegisRemediation[];
  /** The alert that an attempt was made for; undefined when the cache does not have it. */
  alertOf(remediation: AegisRemediation): AegisAlert | undefined;
  /** The attempts on this very object, by its kind, namespace and name. */
  attemptsOn(target: RemediationTarget): readonly AegisRemediation[];
  /** The attempts of this rule, also those that users triggered by it. */
  attemptsBy(rule: { namespace: string; name: string }): readonly AegisRemediation[];
  /** The attempts that may not act while this one does: they have a claim in common. */
  rivalsOf(remediation: AegisRemediation): readonly AegisRemediation[];
  nodes(): readonly NodeFacts[];
  node(name: string): NodeFacts | undefined;
}

/** The target of an attempt, as it is now. */
export interface TargetFacts {
  /** False: it was not read. */
  readonly known: boolean;
  /** Absent: there is no such object. */
  readonly uid?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** Returns the view of the cluster that caches have. */
export function clusterViewOf(caches: {
  alerts: Pick<ObjectCache<AegisAlert>, 'list' | 'get'>;
  policies: Pick<ObjectCache<AegisRemediationPolicy>, 'list'>;
  /** With the indexes `byTarget`, `byRule` and `byClaim`. */
  remediations: Pick<ObjectCache<AegisRemediation>, 'list' | 'byIndex'>;
  nodes: Pick<ObjectCache<NodeFacts>, 'list' | 'get'>;
}): ClusterView {
  const { alerts, policies, remediations, nodes } = caches;
  return {
    policies: () => policies.list(),
    alerts: () => alerts.list(),
    attempts: () => remediations.list(),
    alertOf: ({ metadata: { namespace }, spec: { alertRef } }) => {
      const alert = alerts.get(namespace, alertRef.name);
      return alert?.metadata.uid === alertRef.uid ? alert : undefined;
    },
    attemptsOn: (target) => byTarget.values(target).flatMap((value) => remediations.byIndex(byTarget.name, value)),
    attemptsBy: ({ namespace, name }) => remediations.byIndex(byRule.name, `${namespace}/${name}`),
    rivalsOf: (remediation) => rivalsOf(remediation, remediations),
    nodes: () => nodes.list(),
    node: (name) => nodes.get(undefined, name),
  };
}

/** The other attempts that claim something that this one claims, each once. */
export function rivalsOf(
  remediation: AegisRemediation,
  remediations: Pick<ObjectCache<AegisRemediation>, 'byIndex'>,
): readonly AegisRemediation[] {
  const found = claimsOf(remediation).flatMap((claim) => remediations.byIndex(byClaim.name, claim));
  return [...new Set(found)].filter(({ metadata }) => metadata.uid !== remediation.metadata.uid);
}

/** Returns what the caches have of a target: only nodes are cached. */
export function cachedTarget(cluster: ClusterView, target: RemediationTarget | undefined): TargetFacts {
  if (target?.kind?.toLowerCase() !== 'node' || target.name === undefined) return { known: false };
  const metadata = cluster.node(target.name)?.metadata;
  if (metadata === undefined) return { known: true };
  const { uid, labels = {} } = metadata;
  return { known: true, labels, ...(uid !== undefined && { uid }) };
}
