import { describe, expect, it } from '@jest/globals';

import { pinnedVersion, readTool, selectBinaries } from './tools.ts';

describe('pinnedVersion', () => {
  it('pinnedVersion reads a version from a block and from a single line', () => {
    expect(
      pinnedVersion('require (\n\tk8s.io/api v0.1.0\n\tk8s.io/kubernetes v1.36.3 // indirect\n)', 'k8s.io/kubernetes'),
    ).toBe('v1.36.3');
    expect(pinnedVersion('require sigs.k8s.io/kwok v0.7.0', 'sigs.k8s.io/kwok')).toBe('v0.7.0');
  });

  it('pinnedVersion ignores a longer path and a replacement', () => {
    const goMod = 'tool k8s.io/kubernetes/cmd/kubectl\nreplace (\n\tk8s.io/kubernetes => ./fork\n)';
    expect(() => pinnedVersion(goMod, 'k8s.io/kubernetes')).toThrow('does not require k8s.io/kubernetes');
  });
});

describe('readTool', () => {
  it('readTool passes Kubernetes its version, which would be v0.0.0 otherwise', () => {
    const { version, ldflags } = readTool('kubernetes');
    expect(ldflags).toContain(`version.gitVersion=${version}`);
    expect(ldflags).toContain('version.gitMajor=1');
  });

  it.each(['etcd', 'kubernetes', 'kubernetes-oldest', 'argo', 'kwok'] as const)(
    'readTool finds the pinned version of %s and hashes its inputs',
    (name) => {
      const tool = readTool(name);
      expect(tool.version).toMatch(/^v\d+\.\d+\.\d+$/);
      expect(tool.hash).toMatch(/^[0-9a-f]{12}$/);
    },
  );
});

describe('selectBinaries', () => {
  it('selectBinaries puts the expensive program of a module before those that it makes cheap', () => {
    expect(selectBinaries(['kubelet', 'kube-apiserver', 'etcd']).map(({ name }) => name)).toEqual([
      'etcd',
      'kube-apiserver',
      'kubelet',
    ]);
  });
});
