import { toTime } from '../../crds/conditions.ts';
import { isTerminal, type AegisRemediation, type Approval, type RemediationPhase } from '../../crds/remediation.ts';
import { demandOf, type ApprovalDemand } from './demand.ts';

/** The API server bounds the list. */
const maxDecisions = 32;

/** What an approver's groups are kept of; what a remediation can hold. */
const limits = { groups: 64, group: 256 } as const;

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

/** By what an approval is judged beside what it says itself. */
export interface ApprovalView {
  /** Who must agree. Default: whom the attempt itself names. */
  readonly demand?: ApprovalDemand;
  /** Who may not approve any more, and why. */
  readonly revoked?: ReadonlyMap<string, string> | undefined;
}

/** Reads the decisions of people off an attempt; what was granted in time does not expire. */
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

/** Whose approvals count, each once, in the order in which they came. */
export function approversOf(remediation: AegisRemediation, view: ApprovalView = {}): string[] {
  const { demand = demandOf(remediation, new Date(0)), revoked } = view;
  const decisions = remediation.status?.approvals ?? [];
  const approving = decisions.filter(
    ({ decision, user, groups = [] }) =>
      decision === 'Approved' && whyForbidden(remediation, { name: user, groups }, demand) === undefined,
  );
  return [...new Set(approving.map(({ user }) => user))].filter((user) => revoked?.has(user) !== true);
}

/** What a person says about an attempt. */
export interface ApprovalRequest {
  readonly decision: Approval['decision'];
  /** Of the manifest that she has seen; with or without `sha256:`. */
  readonly manifestHash: string;
  readonly comment?: string | undefined;
  /** By whom it must be approved now. Default: by whom the attempt itself names. */
  readonly demand?: ApprovalDemand | undefined;
}

/** Who decides, as the API server knows her. */
export interface DecidingUser {
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

/** Why such a word changes nothing any more. */
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

/** A gate that asks for a person though no rule or policy does says itself how long. */
function endOf({ status }: AegisRemediation, { state, deadline }: ApprovalState): Date {
  return state === 'NotNeeded' ? new Date(status?.blockedUntil ?? 0) : deadline;
}

/** Phases in which people are heard. Once it is `Approved` the Workflow may exist. */
const open: ReadonlySet<RemediationPhase> = new Set(['Pending', 'Blocked', 'AwaitingApproval']);

function whyPast({ status }: AegisRemediation): string | undefined {
  const { phase = 'Pending', workflowRef } = status ?? {};
  if (isTerminal(phase)) return `it is ${phase}, which is final`;
  if (open.has(phase) && workflowRef === undefined) return undefined;
  return `it is ${phase}; cancel stops it`;
}

/** Why the approval of this person does not count. Two people means two people: who asked for it is not one of them. */
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

/** Groups are looked at again when it runs; of too many those are kept that count. */
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
