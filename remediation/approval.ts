import { toTime } from '../crds/conditions.ts';
import { isTerminal, type AegisRemediation, type Approval, type RemediationPhase } from '../crds/remediation.ts';

/** How long an approval is waited for where nothing says how long; milliseconds. */
const defaultTimeoutMs = 15 * 60_000;

/** The API server bounds the list. */
const maxDecisions = 32;

/** How far the approval of an attempt is. */
export interface ApprovalState {
  /**
   * Open: more people must agree. Granted: enough did. Rejected and Expired are final: nobody may act on a plan that
   * somebody refused or that nobody answered in time.
   */
  readonly state: 'NotNeeded' | 'Open' | 'Granted' | 'Rejected' | 'Expired';
  readonly required: number;
  /** Whose approvals count, in the order in which they came. */
  readonly approvers: readonly string[];
  readonly rejection?: Approval;
  /** From then on an open approval is denied. */
  readonly deadline: Date;
}

/** Reads the decisions of people off an attempt; what was granted in time does not expire. */
export function approvalStateOf(remediation: AegisRemediation, now: Date): ApprovalState {
  const required = remediation.spec.approval?.required ?? 0;
  const approvers = approversOf(remediation);
  const rejection = remediation.status?.approvals?.find(({ decision }) => decision === 'Rejected');
  const deadline = deadlineOf(remediation, now);
  const facts = { required, approvers, deadline, ...(rejection === undefined ? {} : { rejection }) };
  if (required === 0) return { ...facts, state: 'NotNeeded' };
  if (rejection !== undefined) return { ...facts, state: 'Rejected' };
  if (approvers.length >= required) return { ...facts, state: 'Granted' };
  return { ...facts, state: now < deadline ? 'Open' : 'Expired' };
}

/** Whose approvals count, each once, in the order in which they came. */
export function approversOf(remediation: AegisRemediation): string[] {
  const decisions = remediation.status?.approvals ?? [];
  const approving = decisions.filter(({ decision }) => decision === 'Approved').map(({ user }) => user);
  return [...new Set(approving)].filter((user) => mayCount(remediation, user));
}

function deadlineOf({ metadata, spec }: AegisRemediation, now: Date): Date {
  const given = Date.parse(spec.approval?.expiresAt ?? '');
  if (!Number.isNaN(given)) return new Date(given);
  return new Date(Date.parse(metadata.creationTimestamp ?? now.toISOString()) + defaultTimeoutMs);
}

/** Two people means two people: who asked for it is not one of them, unless the attempt says so. */
function mayCount({ spec }: AegisRemediation, user: string): boolean {
  const { requestedBy, approval } = spec;
  if (requestedBy.via === 'rule' || approval?.requesterMayApprove === true) return true;
  return user !== requestedBy.username;
}

/** What a person says about an attempt. */
export interface ApprovalRequest {
  readonly decision: Approval['decision'];
  /** Of the manifest that she has seen; with or without `sha256:`. */
  readonly manifestHash: string;
  readonly comment?: string | undefined;
}

/** Who decides, as the API server knows her. */
export interface Decider {
  readonly name: string;
  readonly groups: readonly string[];
  /** kubectl, slack, api */
  readonly via: string;
}

/** What becomes of a person's word. */
export type ApprovalDecision =
  | { outcome: 'append'; approval: Approval }
  /** It is on record already. */
  | { outcome: 'unchanged' }
  | { outcome: 'refused'; why: 'conflict' | 'forbidden'; message: string };

/** Whether a person's word about an attempt is taken; pure. The caller makes sure that the attempt is still as given. */
export function decideApproval(
  remediation: AegisRemediation,
  by: Decider,
  request: ApprovalRequest,
  now: Date,
): ApprovalDecision {
  const { spec, status } = remediation;
  if (plainHash(request.manifestHash) !== plainHash(spec.manifestHash)) {
    return conflict(
      `spec.manifestHash is ${spec.manifestHash}, not ${request.manifestHash}; look at spec.manifest again`,
    );
  }
  const decisions = status?.approvals ?? [];
  const own = decisions.findLast(({ user }) => user === by.name);
  if (own?.decision === request.decision) return { outcome: 'unchanged' };
  const closed = whyClosed(remediation, request.decision, now);
  if (closed !== undefined) return conflict(closed);
  if (request.decision === 'Approved') {
    const forbidden = whyForbidden(remediation, by);
    if (forbidden !== undefined) return { outcome: 'refused', why: 'forbidden', message: forbidden };
  }
  if (decisions.length >= maxDecisions) return conflict(`it holds ${maxDecisions} decisions already`);
  const comment = request.comment === undefined ? {} : { comment: request.comment };
  const approval = { user: by.name, via: by.via, time: toTime(now), decision: request.decision, ...comment };
  return { outcome: 'append', approval };
}

/** Why such a word changes nothing any more. */
function whyClosed(remediation: AegisRemediation, decision: Approval['decision'], now: Date): string | undefined {
  const { cancellation } = remediation.status ?? {};
  const past = whyPast(remediation);
  if (past !== undefined) return past;
  if (cancellation !== undefined) return `${cancellation.user} has cancelled it`;
  const { state, rejection, deadline } = approvalStateOf(remediation, now);
  if (state === 'NotNeeded') return 'it waits for no approval; cancel stops it';
  if (state === 'Rejected') return `${rejection?.user ?? ''} has rejected it, which is final`;
  const isLate = state === 'Expired' || (decision === 'Approved' && now >= deadline);
  return isLate ? `the time to approve it was over at ${toTime(deadline)}` : undefined;
}

/** Phases in which people are heard. Once it is `Approved` the Workflow may exist. */
const open: ReadonlySet<RemediationPhase> = new Set(['Pending', 'Blocked', 'AwaitingApproval']);

function whyPast({ status }: AegisRemediation): string | undefined {
  const { phase = 'Pending', workflowRef } = status ?? {};
  if (isTerminal(phase)) return `it is ${phase} and stays so`;
  if (open.has(phase) && workflowRef === undefined) return undefined;
  return `it is ${phase}; cancel stops it`;
}

function whyForbidden(remediation: AegisRemediation, { name, groups }: Decider): string | undefined {
  if (!mayCount(remediation, name)) return 'who asked for it may not approve it; somebody else must';
  const wanted = remediation.spec.approval?.approverGroups ?? [];
  if (wanted.length === 0 || wanted.some((group) => groups.includes(group))) return undefined;
  return `only members of ${wanted.join(', ')} may approve it`;
}

function plainHash(hash: string): string {
  return hash
    .trim()
    .toLowerCase()
    .replace(/^sha256:/, '');
}

function conflict(message: string): ApprovalDecision {
  return { outcome: 'refused', why: 'conflict', message };
}
