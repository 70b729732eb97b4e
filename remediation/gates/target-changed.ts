import type { Gate } from '../gate.ts';

/**
 * What is acted upon is still the very object that was meant. Another one of its name has never done anything, and the
 * one that was meant does not come back: the attempt is over.
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
