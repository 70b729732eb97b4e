import type { AegisRemediation } from '../../crds/remediation.ts';
import type { AegisRemediationPolicy, RemediationPolicySpec } from '../../crds/remediation-policy.ts';
import { withPolicy, type GateFacts } from '../../remediation/gate.ts';
import { askEachGate, type GateReport } from '../../remediation/gates/index.ts';
import { anAlert, aPolicy, aRemediation, noon } from './objects.ts';
import { aCluster } from './cluster.ts';

/** The facts for a gate. */
export type Asked = Partial<Omit<GateFacts, 'cluster' | 'policy'>> & {
  /** A policy about everything. */
  policy?: Partial<RemediationPolicySpec>;
  policies?: readonly AegisRemediationPolicy[];
  /** Attempts of any alert. */
  attempts?: readonly AegisRemediation[];
};

/** Returns the result of one gate at noon for an attempt on node dev1; undefined = passed. */
export function askGate(
  gate: string,
  { policy, policies = [], attempts = [], ...facts }: Asked = {},
): GateReport['answer'] {
  const cluster = aCluster({
    policies: [...policies, ...(policy === undefined ? [] : [aPolicy({ spec: policy })])],
    attempts,
  });
  const usual = { remediation: onNode(), alert: anAlert(), siblings: [], target: { known: false }, now: noon };
  const report = askEachGate(withPolicy({ ...usual, cluster, ...facts })).find((one) => one.gate === gate);
  if (report === undefined) throw new Error(`there is no gate ${gate}`);
  return report.answer;
}

/** An attempt on node dev1, with what is given. */
export function onNode({ metadata, spec, status }: Parameters<typeof aRemediation>[0] = {}): AegisRemediation {
  const target = { kind: 'Node', name: 'dev1' };
  return aRemediation({ ...(metadata && { metadata }), spec: { target, ...spec }, ...(status && { status }) });
}

/** Another attempt that has acted and is over. */
export function done(
  phase: NonNullable<NonNullable<AegisRemediation['status']>['phase']>,
  completionTime: string,
  { metadata, spec }: Parameters<typeof aRemediation>[0] = {},
): AegisRemediation {
  const name = metadata?.name ?? `done-${completionTime}`;
  const status = { phase, completionTime, startTime: '2026-01-02T10:00:00Z' };
  return onNode({ metadata: { name, uid: `uid-${name}`, ...metadata }, ...(spec && { spec }), status });
}
