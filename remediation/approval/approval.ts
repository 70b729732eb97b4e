import { toTime } from '../../crds/conditions.ts';
import { isTerminal, type AegisRemediation, type Approval, type RemediationPhase } from '../../crds/remediation.ts';
import { demandOf, type ApprovalDemand } from './demand.ts';

/** The API server bounds the list. */
const maxDecisions = 32;

/** How many groups of an approver a remediation can hold, and how long they may be. */
const limits = { groups: 64, group: 256 } as const;

/** How far the approval of an attempt is. */
export interface ApprovalState {
  /**
   * Open: more approvals are required. Granted: enough were given. Rejected and Expired are final: a plan that was
   * rejected or not approved in time is never carried out.
   */
  readonly state: 'NotNeeded' | 'Open' | 'Granted' | 'Rejected' | 'Expired';
  readonly required: number;
  /** Users whose approvals count, in the order of their approvals. */
  readonly approvers: readonly string[];
  readonly rejection?: Approval;
  /** When an open approval expires. */
  readonly deadline: Date;
}

/** The inputs, besides the approval itself, that decide whether it counts. */
export interface ApprovalView {
  /** The approvals that are required. Default: those of the attempt itself. */
  readonly demand?: ApprovalDemand;
  /** Users whose approval no longer counts, with the cause. */
  readonly revoked?: ReadonlyMap<string, string> | undefined;
}

/** Returns how far the approval of an attempt is; one that was granted in time does not expire. */
export function approvalStateOf(remediation: AegisRemediation, now: Date, view: ApprovalView = {}): ApprovalState {
  const { demand = demandOf(remediation, now) } = view;
  const { required, deadline } = demand;
  const approvers = approversOf(remediation, { ...view, demand });
  const rejection = remediation.status?.approvals?.find(({ decision }) => decision === 'Rejected');
  const facts = { required, approvers, deadline, ...(rejection === undefined ? {} : { rejection }) };
  if (rejection !== undefined) return { ...facts, state: 'Rejected' };
  if (required === 0) return { ...facts, state: 'NotNeeded' };
  if (approvers.length >= required) return { ...facts, state: 'Granted' };
  return { ...facts, state: now < deadline ? 'Open' : 'Expired' };
}

/** Returns the users whose approvals count, each once, in the order of their approvals. */
export function approversOf(remediation: AegisRemediation, view: ApprovalView = {}): string[] {
  const { demand = demandOf(remediation, new Date(0)), revoked } = view;
  const decisions = remediation.status?.approvals ?? [];
  const approving = decisions.filter(
    ({ decision, user, groups = [] }) =>
      decision === 'Approved' && whyForbidden(remediation, { name: user, groups }, demand) === undefined,
  );
  return [...new Set(approving.map(({ user }) => user))].filter((user) => revoked?.has(user) !== true);
}

/** The decision of a user about an attempt. */
export interface ApprovalRequest {
  readonly decision: Approval['decision'];
  /** The hash of the manifest that the user has seen; with or without `sha256:`. */
  readonly manifestHash: string;
  readonly comment?: string | undefined;
  /** The approvals that are required now. Default: those of the attempt itself. */
  readonly demand?: ApprovalDemand | undefined;
}

/** The user who decides, as authenticated by the API server. */
export interface DecidingUser {
  readonly name: string;
  readonly groups: readonly string[];
  /** kubectl, slack, api */
  readonly via: string;
}

/** What to do with the decision of a user. */
export type ApprovalDecision =
  | { outcome: 'append'; approval: Approval }
  /** It is on record already. */
  | { outcome: 'unchanged' }
  | { outcome: 'refused'; why: 'conflict' | 'forbidden'; message: string };

/**
 * Returns whether the decision of a user is accepted; pure. The caller must make sure that the attempt is still as
 * given.
 */
export function decideApproval(
  remediation: AegisRemediation,
  by: DecidingUser,
  request: ApprovalRequest,
  now: Date,
): ApprovalDecision {
  const { spec, status } = remediation;
  if (plainHash(request.manifestHash) !== plainHash(spec.manifestHash)) {
    return conflict(
      `spec.manifestHash is ${spec.manifestHash}, not ${request.manifestHash}; review spec.manifest again`,
    );
  }
  const demand = request.demand ?? demandOf(remediation, now);
  const decisions = status?.approvals ?? [];
  const own = decisions.findLast(({ user }) => user === by.name);
  if (own?.decision === request.decision) return { outcome: 'unchanged' };
  const closed = whyClosed(remediation, request.decision, now, demand);
  if (closed !== undefined) return conflict(closed);
  if (request.decision === 'Approved') {
    const forbidden = whyForbidden(remediation, by, demand);
    if (forbidden !== undefined) return { outcome: 'refused', why: 'forbidden', message: forbidden };
  }
  if (decisions.length >= maxDecisions) return conflict(`it holds ${maxDecisions} decisions already`);
  return { outcome: 'append', approval: recordOf(by, request, demand, now) };
}

function recordOf(
  { name, via, groups }: DecidingUser,
  { decision, comment }: ApprovalRequest,
  { approverGroups }: ApprovalDemand,
  now: Date,
): Approval {
  return {
    user: name,
    ...(decision === 'Approved' && { groups: keptGroups(groups, approverGroups) }),
    via,
    time: toTime(now),
    decision,
    ...(comment !== undefined && { comment }),
  };
}

/** Returns why such a decision changes nothing any more. */
function whyClosed(
  remediation: AegisRemediation,
  decision: Approval['decision'],
  now: Date,
  demand: ApprovalDemand,
): string | undefined {
  const { cancellation, phase } = remediation.status ?? {};
  const past = whyPast(remediation);
  if (past !== undefined) return past;
  if (cancellation !== undefined) return `${cancellation.user} has cancelled it`;
  const approval = approvalStateOf(remediation, now, { demand });
  if (approval.state === 'Rejected') return `${approval.rejection?.user ?? ''} has rejected it, which is final`;
  if (approval.state === 'NotNeeded' && phase !== 'AwaitingApproval') {
    return 'it requires no approval; cancel stops it';
  }
  const end = endOf(remediation, approval);
  const isLate = approval.state === 'Expired' || (decision === 'Approved' && now >= end);
  return isLate ? `approval expired at ${toTime(end)}` : undefined;
}

/** A gate that requires a user although no rule or policy does sets the deadline itself. */
function endOf({ status }: AegisRemediation, { state, deadline }: ApprovalState): Date {
  return state === 'NotNeeded' ? new Date(status?.blockedUntil ?? 0) : deadline;
}

/** Phases in which decisions are accepted. Once it is `Approved` the Workflow may exist. */
const open: ReadonlySet<RemediationPhase> = new Set(['Pending', 'Blocked', 'AwaitingApproval']);

function whyPast({ status }: AegisRemediation): string | undefined {
  const { phase = 'Pending', workflowRef } = status ?? {};
  if (isTerminal(phase)) return `it is ${phase}, which is final`;
  if (open.has(phase) && workflowRef === undefined) return undefined;
  return `it is ${phase}; cancel stops it`;
}

/** Returns why the approval of a user does not count. The requester is not one of the required users. */
function whyForbidden(
  { spec: { requestedBy } }: AegisRemediation,
  { name, groups }: Pick<DecidingUser, 'name' | 'groups'>,
  { approverGroups, requesterMayApprove, impossible }: ApprovalDemand,
): string | undefined {
  if (impossible !== undefined) return `no user can approve it: ${impossible}`;
  if (requestedBy.via !== 'rule' && !requesterMayApprove && name === requestedBy.username) {
    return 'the requester must not approve the attempt; another user must';
  }
  if (approverGroups.length === 0 || approverGroups.some((group) => groups.includes(group))) return undefined;
  return `only members of ${approverGroups.join(', ')} may approve it`;
}

/** Groups are checked again before submission; of too many, those that count are kept. */
function keptGroups(groups: readonly string[], wanted: readonly string[]): string[] {
  const counting = groups.filter((group) => wanted.includes(group));
  const all = [...new Set([...counting, ...groups])].filter((group) => group.length <= limits.group);
  return all.slice(0, limits.groups);
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
