import { describe, expect, it } from '@jest/globals';

import { requiredBinaries } from './programs.ts';

describe('requiredBinaries', () => {
  it('requiredBinaries returns only programs that are used, because each takes minutes to build', () => {
    const none = ['etcd', 'kube-apiserver', 'kubectl', 'kube-controller-manager'];
    expect(requiredBinaries({ nodes: 'none', argo: false })).toEqual(none);
    expect(requiredBinaries({ nodes: 'none', argo: true })).toEqual([...none, 'workflow-controller']);
    expect(requiredBinaries({ nodes: 'simulated', argo: false })).toEqual([...none, 'kube-scheduler', 'kwok']);
    expect(requiredBinaries({ nodes: 'real', argo: true })).toEqual([
      ...none,
      ...['kube-scheduler', 'kubelet', 'workflow-controller', 'argoexec'],
    ]);
  });
});
