import { newChain, nextLine } from '../../remediation/audit/chain.ts';
import { auditEntry, type AuditEntry } from '../../remediation/audit/record.ts';
import { anAlert, aRemediation, noon } from './objects.ts';
import { aCluster } from './cluster.ts';
import { foundOut } from './facts.ts';

/** A decision to submit `aRemediation()`. */
export function anAuditEntry(message = 'the Workflow is created'): AuditEntry {
  const facts = {
    remediation: aRemediation(),
    alert: anAlert(),
    episodes: [],
    siblings: [],
    cluster: aCluster(),
    target: { known: false },
    workflow: undefined,
    run: foundOut,
    deadlines: { start: 0, grace: 0 },
    now: noon,
  };
  return auditEntry(facts, { decision: 'Submitting', reason: 'GatesPassed', message });
}

/** The lines of a chain of so many decisions. */
export function anAuditChain(length: number): string[] {
  let head = newChain('chain-1');
  return Array.from({ length }, (_, index) => {
    const next = nextLine(anAuditEntry(`decision ${index + 1}`), head);
    head = next.head;
    return next.line;
  });
}
