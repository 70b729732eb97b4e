import type { Workflow } from '../../crds/workflow.ts';
import type { Standing } from './status.ts';

/** The global output parameter by which a Workflow says that it did not help, though all its steps succeeded. */
export const verdictParameter = 'aegis-verdict';

const maxDetail = 1024;

/**
 * The verdict of a succeeded Workflow about itself, for instance from a test under load, which proves more than an idle
 * node that is Ready: `Ineffective` or `Inconclusive`, and if it wants why, behind a colon. Anything else says nothing.
 */
export function workflowVerdict({ status }: Workflow): Standing | undefined {
  const value = status?.outputs?.parameters?.find(({ name }) => name === verdictParameter)?.value;
  if (typeof value !== 'string') return undefined;
  const [, phase, detail = ''] = /^(Ineffective|Inconclusive)(?::\s*(\S.*)?)?$/s.exec(value.trim()) ?? [];
  switch (phase) {
    case 'Ineffective':
      return said(phase, 'found that it did not help', detail);
    case 'Inconclusive':
      return said(phase, 'could not tell whether it helped', detail);
    default:
      return undefined;
  }
}

function said(phase: 'Ineffective' | 'Inconclusive', what: string, detail: string): Standing {
  const line = detail.replace(/\s+/g, ' ').slice(0, maxDetail);
  const message = `the Workflow succeeded, and ${what}${line === '' ? '' : `: ${line}`}`;
  return { phase, reason: 'WorkflowVerdict', message };
}
