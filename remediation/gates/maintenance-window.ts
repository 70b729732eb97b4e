import { windowState } from '../policies/windows.ts';
import { isRecovery } from '../attempts/history.ts';
import type { Gate } from '../gate.ts';

/** The most policies that a message names. */
const maxNamed = 3;

/** Blocks an attempt outside the maintenance windows. Recoveries pass. */
export const maintenanceWindow: Gate<'MaintenanceWindow'> = {
  name: 'maintenance-window',
  reasons: ['MaintenanceWindow'],
  ask(facts) {
    const { windows, problems } = facts.policy;
    if (isRecovery(facts.remediation) || problems.length > 0) return undefined;
    const state = windowState(windows, facts.now);
    if (state.open) return undefined;
    const { closed, opensAt } = state;
    const more = closed.length > maxNamed ? `; and ${closed.length - maxNamed} more` : '';
    const message = `work may not start now: ${closed.slice(0, maxNamed).join('; ')}${more}`;
    if (opensAt === undefined) return { reason: 'MaintenanceWindow', message: `${message}; not within a week` };
    return { reason: 'MaintenanceWindow', message, until: opensAt };
  },
};
