import type { RunFacts } from '../../remediation/decision/facts.ts';

/** A run that has found out everything: whatever is not in the other facts does not exist. */
export const foundOut: RunFacts = {
  cached: true,
  targetRead: true,
  workflowRead: true,
  dryRun: { refusal: undefined },
};
