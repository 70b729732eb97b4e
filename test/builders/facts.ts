import type { RunFacts } from '../../remediation/decision/facts.ts';

/** A run that has read all facts: objects that are not in the other facts do not exist. */
export const foundOut: RunFacts = {
  cached: true,
  targetRead: true,
  workflowRead: true,
  dryRun: { refusal: undefined },
};
