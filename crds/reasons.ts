import type { TriggerStatus } from './alert.ts';
import type { RemediationPhase } from './remediation-phase.ts';

/** The meaning of a reason and the remedies of the user; both are Markdown of docs/guide, where they are shown. */
export interface ReasonEntry {
  /** One sentence. */
  readonly meaning: string;
  /** Absent: there is nothing to do. */
  readonly action?: string;
}

/** The reason of an attempt, with the phases in which it occurs. */
export interface AttemptReasonEntry extends ReasonEntry {
  readonly phases: readonly RemediationPhase[];
}

/** Reasons of the gates and of what an attempt acquires; each gate in remediation/gates declares its own. */
export const gateReasons = {
  TargetChanged: {
    phases: ['Superseded'],
    meaning: 'The target no longer exists, or another object has its name.',
  },
  PolicyInvalid: {
    phases: ['Blocked'],
    meaning: 'A policy that applies to the attempt cannot be evaluated; the message names it.',
    action: 'Fix the policy; its condition Ready names the field.',
  },
  ApprovalPending: {
    phases: ['AwaitingApproval'],
    meaning: 'More approvals are required; the attempt is denied at `status.blockedUntil`.',
    action: '[Approve or reject it](approve-and-pause.md).',
  },
  ApprovalRejected: {
    phases: ['Rejected'],
    meaning: 'A user rejected the attempt, which is final.',
  },
  ApprovalExpired: {
    phases: ['Expired'],
    meaning: 'The attempt did not get the required approvals in time.',
    action: 'If it is still wanted, [trigger it](inspect-and-trigger.md).',
  },
  ApproversImpossible: {
    phases: ['Blocked'],
    meaning: 'No user can satisfy all policies that name approver groups.',
    action: 'Give the policies that the message names a group in common.',
  },
  UntrustedAlert: {
    phases: ['Blocked', 'AwaitingApproval'],
    meaning: 'The alert was inferred from free text, so one user must approve the attempt.',
    action: '[Approve or reject it](approve-and-pause.md).',
  },
  Paused: {
    phases: ['Blocked'],
    meaning: 'A policy that applies to the attempt is paused; the message names the user and the cause.',
    action: '[Resume the policy](approve-and-pause.md).',
  },
  Silenced: {
    phases: ['Blocked'],
    meaning: 'The alert is silenced; the message says until when.',
  },
  DryRun: {
    phases: ['Blocked'],
    meaning: 'The attempt was planned before a policy allowed dry runs only.',
    action: 'Remove `dryRun` from the policy, or cancel the attempt.',
  },
  MaintenanceWindow: {
    phases: ['Blocked'],
    meaning: 'A maintenance window does not let work start now.',
  },
  AlertStorm: {
    phases: ['Blocked'],
    meaning: 'More new alerts arrived than a policy allows, so rules start nothing for a while.',
    action: 'Look for the common cause; users can still trigger attempts.',
  },
  AttemptsExhausted: {
    phases: ['Blocked'],
    meaning: 'The attempts that the policies allow for this alert have been made.',
    action: 'Look into the alert; users can still [trigger an attempt](inspect-and-trigger.md).',
  },
  CircuitOpen: {
    phases: ['Blocked'],
    meaning: 'The rule failed too often in a row on this kind of target, or another attempt of the rule goes first.',
    action: 'Find out why the rule fails.',
  },
  CircuitHalfOpen: {
    phases: ['Blocked', 'AwaitingApproval'],
    meaning: 'The rule failed too often in a row, so one user must approve the next attempt.',
    action: '[Approve or reject it](approve-and-pause.md).',
  },
  CoolingDown: {
    phases: ['Blocked'],
    meaning: 'Another attempt acted on the target less than the cooldown of a policy ago.',
  },
  DuplicateInProgress: {
    phases: ['Blocked'],
    meaning: 'Another attempt for the same alert has not ended.',
  },
  BudgetExceeded: {
    phases: ['Blocked'],
    meaning: 'The [budget](locks-and-budgets.md) of a policy is used up.',
  },
  BudgetUnavailable: {
    phases: ['Blocked'],
    meaning: 'The budget of a policy cannot be read or written; the message says why.',
    action: 'Read the message; it is retried.',
  },
  ResourceBusy: {
    phases: ['Blocked'],
    meaning: 'Another attempt acts on the [same target](locks-and-budgets.md), or goes first.',
  },
  LockUnavailable: {
    phases: ['Blocked'],
    meaning: 'The Lease that locks the target cannot be read or written; the message says why.',
    action: 'Read the message; it is retried.',
  },
} as const satisfies Record<string, AttemptReasonEntry>;

/** Reasons of the submission of a Workflow. */
const submissionReasons = {
  ApprovalGranted: {
    phases: ['Approved'],
    meaning: 'The attempt has the required approvals and is submitted next.',
  },
  AuditUnavailable: {
    phases: ['Blocked'],
    meaning: 'The decision cannot be written to the [audit record](audit.md); the message says why.',
    action: 'Make the audit file writable; it is retried.',
  },
  SubmitFailed: {
    phases: ['Pending', 'Approved', 'Failed'],
    meaning: 'The Workflow cannot be created; it is retried for `--start-deadline` (10 min), then the attempt fails.',
    action: 'Add what the message names: a permission, a namespace or Argo itself.',
  },
  WorkflowRefused: {
    phases: ['Failed'],
    meaning: 'The API server rejected the Workflow.',
    action: 'Fix the template; the message quotes the API server.',
  },
  NameTaken: {
    phases: ['Failed'],
    meaning: 'A Workflow of another origin has the name of the attempt.',
    action: 'Delete or rename that Workflow.',
  },
  ManifestCorrupt: {
    phases: ['Failed'],
    meaning: '`spec.manifest` does not match `spec.manifestHash`, or is not a Workflow.',
    action: 'Find out which client created the attempt.',
  },
} as const satisfies Record<string, AttemptReasonEntry>;

/** Reasons for which an attempt ends, or its Workflow is stopped, by a decision of Aegis or of a user. */
const stopReasons = {
  CancelledByUser: {
    phases: ['Cancelled', 'Inconclusive'],
    meaning: 'A user cancelled the attempt; the message names the user and the cause.',
  },
  Cancelling: {
    phases: ['Submitted', 'Running'],
    meaning: 'A user cancelled the attempt, and its Workflow is being stopped.',
  },
  AlertResolved: {
    phases: ['Cancelled', 'Superseded'],
    meaning:
      'The alert was resolved before the Workflow was submitted or while a policy says `onResolve: Stop`; Superseded if approval was pending.',
  },
  AlertDeleted: {
    phases: ['Cancelled', 'Inconclusive'],
    meaning: 'The alert was deleted before the Workflow was submitted, or before its effect was verified.',
  },
  Stopping: {
    phases: ['Submitted', 'Running'],
    meaning: 'The alert was resolved and a policy says `onResolve: Stop`, so the Workflow is being stopped.',
  },
  TriggeredByUser: {
    phases: ['Superseded'],
    meaning: 'A user triggered the same alert at that moment or before; the message names the attempt.',
  },
  StrongerAction: {
    phases: ['Superseded'],
    meaning: 'An attempt of a higher risk began to act on the same target while this one waited; the message names it.',
  },
} as const satisfies Record<string, AttemptReasonEntry>;

/** Reasons that the state of the Workflow gives. */
const workflowReasons = {
  WorkflowPending: {
    phases: ['Submitted'],
    meaning: 'The Workflow exists and Argo has not started it.',
  },
  WorkflowRunning: {
    phases: ['Running'],
    meaning: 'The Workflow is running.',
  },
  WorkflowSucceeded: {
    phases: ['Succeeded'],
    meaning: 'The Workflow succeeded, and no policy asks for verification.',
  },
  WorkflowVerdict: {
    phases: ['Ineffective', 'Inconclusive'],
    meaning: 'The Workflow succeeded and reported in `aegis-verdict` that it did not help, or that it cannot tell.',
    action: 'Look into the alert.',
  },
  WorkflowFailed: {
    phases: ['Failed'],
    meaning: 'A step of the Workflow failed; the message quotes Argo.',
    action: 'Read the logs of the Workflow.',
  },
  WorkflowErrored: {
    phases: ['Failed'],
    meaning: 'Argo could not run the Workflow; the message quotes Argo.',
    action: 'Read the message.',
  },
  WorkflowNotStarted: {
    phases: ['Failed'],
    meaning: 'Argo did not start the Workflow within `--start-deadline` (10 min), and it was stopped.',
    action: 'Check that the workflow-controller is running.',
  },
  DeadlineExceeded: {
    phases: ['Failed'],
    meaning: 'The Workflow ran longer than its deadline, and it was stopped.',
    action: 'Read the logs of the Workflow, or raise `timeout` in the template.',
  },
  WorkflowDeleted: {
    phases: ['Failed'],
    meaning: 'The Workflow was deleted before it ended.',
  },
} as const satisfies Record<string, AttemptReasonEntry>;

/** Reasons of the verification that an attempt helped. */
const verificationReasons = {
  AlertFiring: {
    phases: ['Verifying'],
    meaning: 'The Workflow succeeded, and the alert still fires; the message says how long that is waited for.',
  },
  TargetUnhealthy: {
    phases: ['Verifying', 'Ineffective'],
    meaning: 'The Workflow succeeded, and the node is not Ready; Ineffective once the timeout is over.',
    action: 'Look into the node; see [after the action](after-the-action.md).',
  },
  TargetGone: {
    phases: ['Verifying', 'Inconclusive'],
    meaning: 'The Workflow succeeded, and the node no longer exists.',
    action: 'See [after the action](after-the-action.md).',
  },
  Recovering: {
    phases: ['Verifying'],
    meaning: 'The alert is resolved and the target is healthy, which must last until the time in the message.',
  },
  Verified: {
    phases: ['Succeeded'],
    meaning: 'The alert stayed resolved and the target healthy for as long as the policy requires.',
  },
  AlertStillFiring: {
    phases: ['Ineffective'],
    meaning: 'The Workflow succeeded, and the alert still fired when the timeout was over.',
    action: 'Look into the alert; see [after the action](after-the-action.md).',
  },
  ResolvedBefore: {
    phases: ['Inconclusive'],
    meaning: 'The alert was resolved before the Workflow began to act, so its effect cannot be told.',
  },
} as const satisfies Record<string, AttemptReasonEntry>;

/** Reasons of the outcome of a dry run. */
const dryRunReasons = {
  WouldSubmit: {
    phases: ['DryRun'],
    meaning: 'All gates pass and the API server accepts the Workflow; nothing was submitted.',
  },
  WouldWait: {
    phases: ['DryRun'],
    meaning: 'The gates that the message names would block the attempt; nothing was submitted.',
  },
  WouldBeRefused: {
    phases: ['DryRun'],
    meaning: 'The API server would reject the Workflow; nothing was submitted.',
    action: 'Fix the template; the message quotes the API server.',
  },
} as const satisfies Record<string, AttemptReasonEntry>;

/** `status.reason` of an AegisRemediation, in the order of the life of an attempt. */
export const attemptReasons = {
  ...gateReasons,
  ...submissionReasons,
  ...stopReasons,
  ...workflowReasons,
  ...verificationReasons,
  ...dryRunReasons,
};

export type GateReason = keyof typeof gateReasons;
export type SubmissionReason = keyof typeof submissionReasons;
export type StopReason = keyof typeof stopReasons;
export type WorkflowReason = keyof typeof workflowReasons;
export type VerificationReason = keyof typeof verificationReasons;
export type DryRunReason = keyof typeof dryRunReasons;
export type AttemptReason = keyof typeof attemptReasons;

/** `status.opsStatus.triggerStatus` of an AegisAlert, except for the misspelt value of the original. */
export const triggerReasons = {
  Triggered: { meaning: 'A rule matched and its template was started.', action: 'See OPS.' },
  RuleNotFound: { meaning: 'No rule matches.', action: 'Write one; it applies to firing alerts at once.' },
  RuleErrorFound: {
    meaning: 'A rule that might match cannot be used; the message names it.',
    action: 'Fix that rule.',
  },
  TooManyRulesFound: {
    meaning: 'Several rules share the highest priority; the message names them.',
    action: 'Give one of them a higher `priority`.',
  },
  TemplateNotFound: {
    meaning: 'The template of the rule does not exist.',
    action: 'Create it, or fix the rule.',
  },
  TemplateInvalid: {
    meaning: 'The template cannot be rendered for this alert; the message names the variable.',
    action: 'Fix the template, or what the sender sends.',
  },
  TriggerFailed: {
    meaning: 'The API server rejected the attempt; it is retried after seconds at first, later every five minutes.',
    action: 'Read the message.',
  },
  Blocked: {
    meaning: 'A gate blocks the attempt, or the alert is silenced.',
    action: 'Read the message; it names the cause and says until when.',
  },
  AwaitingApproval: {
    meaning: 'The attempt requires approvals.',
    action: '[Approve or reject it](approve-and-pause.md).',
  },
} as const satisfies Record<Exclude<TriggerStatus, 'TooManyRuletFound'>, ReasonEntry>;

/** The reason of a condition, with the kinds and the types of conditions that have it. */
export interface ConditionReasonEntry extends ReasonEntry {
  readonly conditions: readonly string[];
}

/** Reasons of conditions that are not the reason of an attempt or the trigger status of an alert. */
export const conditionReasons = {
  Resolved: { conditions: ['AegisAlert Resolved'], meaning: 'The sender reported that the alert is resolved.' },
  NotHeardOf: {
    conditions: ['AegisAlert Stale'],
    meaning: 'The sender has not repeated the alert for longer than `--stale-after`; it may have ended.',
    action: 'Check the sender.',
  },
  Passed: { conditions: ['AegisRemediation Admitted'], meaning: 'All gates let the attempt pass.' },
  RuleValid: { conditions: ['AegisAlertOpsRule Ready'], meaning: 'The rule can be used.' },
  RuleInvalid: {
    conditions: ['AegisAlertOpsRule Ready'],
    meaning: 'The rule cannot be used; the message names the fields.',
    action: 'Fix the rule.',
  },
  PolicyValid: { conditions: ['AegisRemediationPolicy Ready'], meaning: 'The policy can be evaluated.' },
  Accepted: {
    conditions: ['AegisOpsTemplate Ready'],
    meaning: 'The API server accepts the Workflow of the template in a dry run.',
  },
  NotTried: {
    conditions: ['AegisOpsTemplate Ready'],
    meaning: 'The template renders, and no dry run was possible; the message says why.',
  },
} as const satisfies Record<string, ConditionReasonEntry>;

/** The reason of a condition that Aegis writes. */
export type ConditionReason = AttemptReason | TriggerStatus | keyof typeof conditionReasons;
