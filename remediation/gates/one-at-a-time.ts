import { isActing, isTerminal } from '../../crds/remediation.ts';
import type { Gate } from '../gate.ts';

/**
 * Attempts for one alert run one after the other, the older first. A recovery does not wait for the verification of the
 * earlier attempt, which has been carried out.
 */
export const oneAtATimePerAlert: Gate<'DuplicateInProgress'> = {
  name: 'one-at-a-time-per-alert',
  reasons: ['DuplicateInProgress'],
  ask({ remediation, siblings }) {
    const before = siblings.find(
      (other) =>
        !isTerminal(other.status?.phase) &&
        !(remediation.spec.alertStatus === 'Resolved' && other.status?.phase === 'Verifying') &&
        (isOlder(other.metadata, remediation.metadata) || isActing(other.status?.phase)),
    );
    if (before === undefined) return undefined;
    return { reason: 'DuplicateInProgress', message: `waits for ${before.metadata.name} of the same alert` };
  },
};

function isOlder(
  a: { creationTimestamp?: string; name: string },
  b: { creationTimestamp?: string; name: string },
): boolean {
  const order = (a.creationTimestamp ?? '').localeCompare(b.creationTimestamp ?? '');
  return order < 0 || (order === 0 && a.name < b.name);
}
