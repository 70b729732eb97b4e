import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { DebianRoot } from '../binaries/debian.ts';
import type { Supervisor } from '../supervisor.ts';
import type { NodeAddresses } from './addresses.ts';
import type { Run } from './command.ts';
import { PAUSE_IMAGE } from './image-list.ts';
import type { Machine } from './machine.ts';
import type { NodeNames } from './names.ts';

/** A running container runtime. */
export interface Containerd {
  /** For `ctr --address` and, behind `unix://`, the kubelet. */
  socket: string;
  /** Fetches an image before a pod asks for it, so that the first pod starts as fast as the second. */
  pull(image: string): Promise<void>;
}

/** Where containerd runs, and with what. */
export interface ContainerdOptions {
  supervisor: Supervisor;
  machine: Machine;
  names: NodeNames;
  addresses: NodeAddresses;
  debian: DebianRoot;
  run: Run;
  /** Asked before every real registry. */
  mirrorUrl: string;
  snapshotter: 'overlayfs' | 'native';
}

/** Starts a containerd of the node's own; one that the host has is left alone. */
export async function startContainerd(options: ContainerdOptions): Promise<Containerd> {
  const { supervisor, machine, names, debian, run } = options;
  const dir = join(names.dir, 'containerd');
  const socket = join(dir, 'containerd.sock');
  const folders = { registries: join(dir, 'registries'), networks: join(dir, 'networks') };
  for (const folder of [join(folders.registries, '_default'), folders.networks]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(folders.registries, '_default', 'hosts.toml'), hostsToml(options.mirrorUrl));
  writeFileSync(join(folders.networks, '10-bridge.conflist'), cniConfig(options.addresses.podCidr));
  const config = join(dir, 'config.toml');
  writeFileSync(config, containerdToml(dir, socket, folders, options));
  const ctr = (...args: string[]): Promise<string> => {
    const line = machine.inside(debian.bin('ctr'), ['--address', socket, '--namespace', 'k8s.io', ...args]);
    return run(line.command, line.args);
  };
  await supervisor.start({
    name: 'containerd',
    ...machine.inside(debian.bin('containerd'), ['--config', config]),
    env: { ...process.env, ...debian.env },
    ready: async () => (await ctr('version')) !== '',
  });
  return {
    socket,
    async pull(image) {
      const from = ['--hosts-dir', folders.registries, '--snapshotter', options.snapshotter];
      await ctr('images', 'pull', ...from, image);
    },
  };
}

function containerdToml(
  dir: string,
  socket: string,
  folders: { registries: string; networks: string },
  { debian, snapshotter }: ContainerdOptions,
): string {
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  const text = JSON.stringify;
  return [
    'version = 2',
    `root = ${text(join(dir, 'root'))}`,
    `state = ${text(join(dir, 'state'))}`,
    // The first would write to /opt, the others need devices or tools that are not there.
    'disabled_plugins = ["io.containerd.internal.v1.opt", "io.containerd.snapshotter.v1.aufs",',
    '  "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"]',
    '[grpc]',
    `address = ${text(socket)}`,
    `[${cri}]`,
    `sandbox_image = ${text(PAUSE_IMAGE)}`,
    // Without CAP_SYS_RESOURCE no score below containerd's own may be set, and every sandbox would fail.
    'restrict_oom_score_adj = true',
    'netns_mounts_under_state_dir = true',
    // Its profile would stay loaded in the host's kernel.
    'disable_apparmor = true',
    `[${cri}.containerd]`,
    `snapshotter = ${text(snapshotter)}`,
    'default_runtime_name = "runc"',
    `[${cri}.containerd.runtimes.runc]`,
    'runtime_type = "io.containerd.runc.v2"',
    `[${cri}.containerd.runtimes.runc.options]`,
    `BinaryName = ${text(debian.bin('runc'))}`,
    `[${cri}.cni]`,
    `bin_dir = ${text(debian.path('usr/lib/cni'))}`,
    `conf_dir = ${text(folders.networks)}`,
    `[${cri}.registry]`,
    `config_path = ${text(folders.registries)}`,
    '',
  ].join('\n');
}

function hostsToml(mirrorUrl: string): string {
  return `[host."${mirrorUrl}"]\n  capabilities = ["pull", "resolve"]\n`;
}

/** The bridge and the pods' ends of it exist in the node's network only. */
function cniConfig(podCidr: string): string {
  const bridge = {
    type: 'bridge',
    bridge: 'pods',
    isGateway: true,
    hairpinMode: true,
    ipam: { type: 'host-local', ranges: [[{ subnet: podCidr }]], routes: [{ dst: '0.0.0.0/0' }] },
  };
  return JSON.stringify({ cniVersion: '1.0.0', name: 'pods', plugins: [bridge] }, undefined, 2);
}
