import { createCompilers } from '../../../remediation/planning/compilers.ts';
import type { Deps } from '../../../apiserver/aggregated/subresources/deps.ts';
import { noon } from '../../builders/objects.ts';
import { fakeCaches } from '../../fakes/caches.ts';
import { fakeRest } from '../../fakes/rest-client.ts';

/** For the table of resources alone, where nothing is asked. */
export function idleDeps(): Deps {
  const nobody = () => Promise.reject(new Error('nothing is asked'));
  return {
    caches: fakeCaches({}),
    rest: fakeRest(),
    authorizer: { authorize: nobody },
    events: { record: () => undefined },
    ruleScope: 'Cluster',
    compilers: createCompilers(),
    now: () => noon,
  };
}
