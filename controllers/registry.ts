import { alertRegistration } from './alert/controller.ts';
import type { Registration } from './controller.ts';
import { remediationRegistration } from './remediation/controller.ts';
import { ruleRegistration } from './rule/controller.ts';
import { templateRegistration } from './template/controller.ts';

/** All controllers. A new one is a folder beside these and a line here. */
export const registrations: readonly Registration[] = [
  alertRegistration,
  remediationRegistration,
  ruleRegistration,
  templateRegistration,
];
