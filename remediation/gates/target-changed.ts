import type { Gate } from '../gate.ts';

/**
 * Supersedes an attempt whose target is gone or is another object of the same name: that one has no alert, and the planned
 * one does not come back.
 */
export const targetChanged: Gate<'TargetChanged'> = {
  name: 'target-changed',
  reasons: ['TargetChanged'],
  ask({ remediation, target }) {
    const { uid = '', kind = '', name = '' } = remediation.spec.target ?? {};
    if (uid === '' || !target.known || target.uid === uid) return undefined;
    const now = target.uid === undefined ? 'it no longer exists' : `the object of that name now has uid ${target.uid}`;
    return {
      phase: 'Superseded',
      reason: 'TargetChanged',
      message: `${kind} ${name} with uid ${uid} was the target, and ${now}`,
    };
  },
};
