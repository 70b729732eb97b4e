import type { AegisRemediation } from '../../crds/remediation.ts';
import type { Workflow } from '../../crds/workflow.ts';
import type { WorkflowDeadlines } from '../attempts/workflow-outcome.ts';
import type { GateAnswer } from '../gate.ts';
import type { VerificationFacts } from './verification.ts';

/** The facts for the decision about an attempt. */
export interface RemediationFacts extends VerificationFacts {
  siblings: readonly AegisRemediation[];
  /** Users whose approval no longer counts, with the cause. */
  revoked?: ReadonlyMap<string, string> | undefined;
  /** The Workflow of this attempt, as far as it is known. */
  workflow: Workflow | undefined;
  deadlines: WorkflowDeadlines;
  run: RunFacts;
}

/** The facts that the current run has read beyond the caches. */
export interface RunFacts {
  /**
   * Whether the cache has the attempt. A cache receives attempts in their order: one that lacks this one may lack older
   * ones too.
   */
  readonly cached: boolean;
  /** Whether the target was read from the API server; set on demand. */
  readonly targetRead?: boolean;
  /** Whether the Workflow was read from the API server; set on demand. */
  readonly workflowRead?: boolean;
  /** The answer of the API server to a dry run of the Workflow; set on demand. */
  readonly dryRun?: { readonly refusal: string | undefined };
  /** Why the Workflow was not created; absent before that was tried. */
  readonly submission?: FailedSubmission;
}

/** Why a Workflow was not created. */
export type FailedSubmission =
  /** The manifest cannot be trusted. */
  | { readonly outcome: 'corrupt'; readonly message: string }
  /** Something that the attempt has to hold is held by another one. */
  | { readonly outcome: 'held'; readonly answer: NonNullable<GateAnswer> }
  /** The audit record cannot be written. */
  | { readonly outcome: 'unaudited'; readonly message: string }
  /** Another Workflow has the name. */
  | { readonly outcome: 'taken'; readonly workflow: Workflow }
  /** The API server never accepts it as it is. */
  | { readonly outcome: 'refused'; readonly message: string }
  /** The API server does not accept it now: a permission, a namespace or Argo itself is missing. */
  | { readonly outcome: 'unavailable'; readonly message: string }
  /** The API server gave no clear answer for a while. */
  | { readonly outcome: 'unclear'; readonly message: string };
