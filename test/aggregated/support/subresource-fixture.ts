import type { Call, Subresource } from '../../../apiserver/kubeapi/api.ts';
import { createReadContext, type ReadContext } from '../../../apiserver/aggregated/subresources/read-context.ts';
import { StatusError } from '../../../apiserver/kubeapi/status.ts';
import { aegisAlerts, type AegisAlert } from '../../../crds/alert.ts';
import { aegisRemediations, type AegisRemediation, type RemediationSpec } from '../../../crds/remediation.ts';
import { workflows } from '../../../crds/workflow.ts';
import { NAMESPACE } from '../../../devcluster/start/aegis.ts';
import type { Authorization, ResourceAttributes } from '../../../kube/authorizer.ts';
import { openKube } from '../../../kube/client/access.ts';
import { startInformers } from './informers.ts';
import { createLogger } from '../../../process/logger.ts';
import { Registry } from '../../../process/metrics.ts';
import { planRemediation } from '../../../remediation/planning/plan.ts';
import { anAlert, aRule, aTemplate } from '../../builders/objects.ts';
import { startHarness, type Harness } from '../../harness/aegis.ts';
import { eventually } from '../../harness/eventually.ts';
import { createCompilers } from '../../../remediation/planning/compilers.ts';

/** Aegis on a real API server, and users who call the handlers of its subresources. */
export interface SubresourceFixture {
  readonly harness: Harness;
  readonly context: ReadContext;
  /** Recorded events: `reason: note`. */
  readonly events: string[];
  /** Access reviews, as `verb resource/name`. */
  readonly asked: string[];
  /** Rights that no user has: `verb resource`. */
  readonly forbidden: Set<string>;
  /** Sends a POST as a user. */
  ask(subresource: Subresource, who: string | Partial<Call['user']>, name: string, request?: Request): Promise<Said>;
  /** A firing alert that no rule matches. */
  alert(name: string): Promise<AegisAlert>;
  /** An attempt for a new alert, that needs approvals unless `spec` says otherwise. */
  attempt(name: string, spec?: Partial<RemediationSpec>): Promise<AegisRemediation>;
  /** Waits until an attempt is in a phase (and has a reason). */
  reaches(attempt: AegisRemediation, phase: string, reason?: string): Promise<AegisRemediation>;
  hasWorkflow(attempt: AegisRemediation): Promise<boolean>;
  stop(): Promise<void>;
}

export interface Request {
  readonly body?: object;
  readonly dryRun?: boolean;
  readonly userAgent?: string;
}

/** The answer, or the Status. */
export interface Said {
  readonly code: number;
  readonly message: string;
  readonly object: { spec?: unknown; status?: Record<string, unknown> };
  readonly warnings: readonly string[];
}

export async function startSubresourceFixture(): Promise<SubresourceFixture> {
  const harness = await startHarness({ workerArgs: ['--resync-interval=5s'] });
  await harness.cluster.kubectl(['apply', '-f', '-'], JSON.stringify(rightsOf(groups)));
  const logger = createLogger('error');
  const kube = openKube({ kubeconfig: harness.cluster.kubeconfigPath }, new Registry());
  const informers = await startInformers(kube, logger);
  const { caches } = informers;
  const events: string[] = [];
  const asked: string[] = [];
  const forbidden = new Set<string>();
  const context = createReadContext({
    caches,
    rest: kube.rest,
    authorizer: { authorize: (_, attributes) => Promise.resolve(review(attributes, asked, forbidden)) },
    events: { record: (_, { reason, note }) => void events.push(`${reason}: ${note}`) },
    ruleScope: 'Cluster',
    compilers: createCompilers(),
    now: () => new Date(),
  });
  const stop = async (): Promise<void> => {
    await informers.stop();
    for (const part of kube.parts) await part.stop();
    await harness.stop();
  };

  async function alert(name: string): Promise<AegisAlert> {
    // Of a node of its own: what acts upon a node holds it.
    const own = { type: 'NoRuleForIt', involvedObject: { kind: 'Node', name } };
    const { metadata, spec } = anAlert({ metadata: { name, namespace: NAMESPACE }, spec: own });
    return harness.client(aegisAlerts).create({
      ...anAlert(),
      metadata: { name: metadata.name, namespace: NAMESPACE },
      spec: { ...spec, fingerprint: name },
    });
  }

  return {
    harness,
    context,
    events,
    asked,
    forbidden,
    stop,
    alert,
    ask: async (subresource, who, name, { body = {}, dryRun = false, userAgent = 'kubectl/v1.36.0' } = {}) => {
      const user = {
        name: '',
        uid: '',
        groups: ['approvers'],
        extra: {},
        ...(typeof who === 'string' ? { name: who } : who),
      };
      const namespace = ['pause', 'resume'].includes(subresource.name) ? '' : NAMESPACE;
      const read = subresource.create?.request?.parse(body);
      const signal = AbortSignal.timeout(30_000);
      const call: Call = {
        user,
        namespace,
        name,
        body: read,
        query: new URLSearchParams(),
        dryRun,
        userAgent,
        auditId: '',
        signal,
      };
      try {
        const answer = await subresource.create!.handle(call);
        const object = answer.object as Said['object'];
        return { code: answer.code, message: '', object, warnings: answer.warnings ?? [] };
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
        return { code: error.status.code, message: error.message, object: {}, warnings: [] };
      }
    },
    attempt: async (name, spec = {}) => {
      const about = await alert(name);
      const plan = planRemediation({ alert: about, rule: aRule(), template: aTemplate(), attempt: 1 });
      if (!plan.ok) throw new Error(plan.message);
      const full = { ...plan.remediation.spec, approval: { required: 2 }, ...spec };
      return harness.client(aegisRemediations).create({ ...plan.remediation, spec: full });
    },
    reaches: ({ metadata }, phase, reason) =>
      eventually(`${metadata.name} to be ${phase} ${reason ?? ''}`, async () => {
        const found = await harness.client(aegisRemediations).get(metadata);
        return found.status?.phase === phase && (reason ?? found.status.reason) === found.status.reason && found;
      }),
    hasWorkflow: async ({ metadata }) => (await harness.client(workflows).find(metadata)) !== undefined,
  };
}

/** Groups of the users; before a submit, the worker asks kube-apiserver whether they may still approve. */
const groups = ['approvers', 'gpu'];

function rightsOf(allowed: readonly string[]): object {
  const apiGroup = 'rbac.authorization.k8s.io';
  return {
    apiVersion: `${apiGroup}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name: 'approvers' },
    roleRef: { apiGroup, kind: 'ClusterRole', name: 'aegis-approve' },
    subjects: allowed.map((name) => ({ apiGroup, kind: 'Group', name })),
  };
}

function review({ verb, resource, name }: ResourceAttributes, asked: string[], forbidden: Set<string>): Authorization {
  asked.push(`${verb} ${resource}/${name}`);
  return forbidden.has(`${verb} ${resource}`) ? { outcome: 'denied', reason: '' } : { outcome: 'allowed' };
}
