import type { KubeObject } from '../../../crds/object.ts';
import type { AegisRemediation } from '../../../crds/remediation.ts';
import type { Deps } from './deps.ts';

/** Where people look for what happened: the alert of an attempt, or the attempt itself when no alert is known. */
export function regardingAlert({ caches }: Pick<Deps, 'caches'>, remediation: AegisRemediation): KubeObject {
  const { alertRef } = remediation.spec;
  const alert = caches.alerts.get(remediation.metadata.namespace, alertRef.name);
  return alert?.metadata.uid === alertRef.uid ? alert : remediation;
}
