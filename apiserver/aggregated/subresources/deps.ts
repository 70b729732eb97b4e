import type { EventRecorder } from '../../../kube/events/recorder.ts';
import type { RestClient } from '../../../kube/client/rest.ts';
import type { Caches } from '../../caches.ts';
import type { Authorizer } from '../../../kube/authorizer.ts';
import type { Compilers } from '../../../remediation/planning/compilers.ts';

/** Dependencies of the subresources. */
export interface Deps {
  readonly caches: Caches;
  /** With the rights of Aegis: to be used only after the rights of the caller were reviewed. */
  readonly rest: RestClient;
  readonly authorizer: Authorizer;
  readonly events: Pick<EventRecorder, 'record'>;
  /** `Namespace`: a rule matches alerts of its own namespace only; same setting as the worker. */
  readonly ruleScope: 'Cluster' | 'Namespace';
  /** Of the process. */
  readonly compilers: Compilers;
  readonly now: () => Date;
}
