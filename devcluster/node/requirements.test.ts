import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { missingCapabilities, whyNoCgroups } from './requirements.ts';

describe('the capabilities of a process', () => {
  it('all capabilities except the one for resource limits suffice for a node', () => {
    expect(missingCapabilities('Name:\tnode\nCapEff:\t000001fffeffffff\n')).toEqual([]);
  });

  it('the default capabilities of a container do not suffice for a node', () => {
    expect(missingCapabilities('CapEff:\t00000000a80425fb\n')).toEqual(['CAP_NET_ADMIN', 'CAP_SYS_ADMIN']);
  });

  it('the capabilities of an unprivileged user do not suffice for a node', () => {
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

  it('control groups of version 1 suffice with a folder for each controller, or for two of them', () => {
    expect(whyNoCgroups(folders('cpu,cpuacct', 'memory', 'pids', 'systemd'))).toBeUndefined();
    expect(whyNoCgroups([join(dir, 'memory')])).toContain('cpu, pids');
  });

  it('control groups of version 2 suffice where the root may delegate the required controllers', () => {
    const [root = ''] = folders('unified');
    writeFileSync(join(root, 'cgroup.controllers'), 'cpuset cpu io memory pids\n');
    expect(whyNoCgroups([root])).toBeUndefined();
  });

  it('control groups of version 2 do not suffice in a container that may not delegate them', () => {
    const [root = ''] = folders('unified');
    writeFileSync(join(root, 'cgroup.controllers'), 'cpuset cpu io memory pids\n');
    writeFileSync(join(root, 'cgroup.type'), 'domain\n');
    writeFileSync(join(root, 'cgroup.subtree_control'), '\n');
    expect(whyNoCgroups([root])).toContain('cpu, memory, pids');
    writeFileSync(join(root, 'cgroup.subtree_control'), 'cpu memory pids\n');
    expect(whyNoCgroups([root])).toBeUndefined();
  });

  it('control groups that are not mounted do not suffice', () => {
    expect(whyNoCgroups([])).toBe('no control groups are mounted');
  });
});
