import type { EventRecorder } from '../../../kube/events/recorder.ts';
import type { RestClient } from '../../../kube/client/rest.ts';
import type { Caches } from '../../caches.ts';
import type { Authorizer } from '../../../kube/authorizer.ts';
import type { Compilers } from '../../../remediation/planning/compilers.ts';

/** What the subresources work with. */
export interface Deps {
  readonly caches: Caches;
  /** With Aegis's own rights: use it only for what the caller was found to be allowed. */
  readonly rest: RestClient;
  readonly authorizer: Authorizer;
  readonly events: Pick<EventRecorder, 'record'>;
  /** `Namespace`: a rule matches alerts of its own namespace only; as the worker is told. */
  readonly ruleScope: 'Cluster' | 'Namespace';
  /** Of the process. */
  readonly compilers: Compilers;
  readonly now: () => Date;
}
