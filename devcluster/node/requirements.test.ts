import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { missingCapabilities, whyNoCgroups } from './requirements.ts';

describe('the capabilities of a process', () => {
  it('suffice when it has all but the one to raise resource limits', () => {
    expect(missingCapabilities('Name:\tnode\nCapEff:\t000001fffeffffff\n')).toEqual([]);
  });

  it('do not suffice in a container with the usual set', () => {
    expect(missingCapabilities('CapEff:\t00000000a80425fb\n')).toEqual(['CAP_NET_ADMIN', 'CAP_SYS_ADMIN']);
  });

  it('do not suffice for a normal user', () => {
    expect(missingCapabilities('CapEff:\t0000000000000000\n')).toHaveLength(4);
    expect(missingCapabilities('')).toHaveLength(4);
  });
});

describe('control groups', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'cgroups-'));
  });
  afterEach(() => {
    rmSync(dir, { recursive: true });
  });

  function folders(...names: string[]): string[] {
    return names.map((name) => {
      mkdirSync(join(dir, name));
      return join(dir, name);
    });
  }

  it('of version 1 suffice with a folder per controller, or one for two', () => {
    expect(whyNoCgroups(folders('cpu,cpuacct', 'memory', 'pids', 'systemd'))).toBeUndefined();
    expect(whyNoCgroups([join(dir, 'memory')])).toContain('cpu, pids');
  });

  it('of version 2 suffice where the root may hand on what is needed', () => {
    const [root = ''] = folders('unified');
    writeFileSync(join(root, 'cgroup.controllers'), 'cpuset cpu io memory pids\n');
    expect(whyNoCgroups([root])).toBeUndefined();
  });

  it('of version 2 do not suffice in a container that may not hand them on', () => {
    const [root = ''] = folders('unified');
    writeFileSync(join(root, 'cgroup.controllers'), 'cpuset cpu io memory pids\n');
    writeFileSync(join(root, 'cgroup.type'), 'domain\n');
    writeFileSync(join(root, 'cgroup.subtree_control'), '\n');
    expect(whyNoCgroups([root])).toContain('cpu, memory, pids');
    writeFileSync(join(root, 'cgroup.subtree_control'), 'cpu memory pids\n');
    expect(whyNoCgroups([root])).toBeUndefined();
  });

  it('must be mounted at all', () => {
    expect(whyNoCgroups([])).toBe('no control groups are mounted');
  });
});
