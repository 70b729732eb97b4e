import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Go modules that we build programs from; each has a folder with its go.mod and go.sum under `devcluster/tools/`. */
export type ToolName = 'etcd' | 'kubernetes' | 'kubernetes-oldest' | 'argo' | 'kwok';

export type BinaryName =
  | 'etcd'
  | 'kube-apiserver'
  | 'kubectl'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'kubelet'
  | 'workflow-controller'
  | 'argoexec'
  | 'kwok';

/** One program and what it takes to build it. */
export interface Binary {
  name: BinaryName;
  tool: ToolName;
  /** Path of its `main` package below the tool's module; empty: the module's root. */
  mainPackage: string;
  /** How long its build takes on two cores after the ones before it in the table, in seconds. */
  seconds: number;
  /** Arguments that make it print its version. */
  versionArgs: readonly string[];
}

/** A tool at the version that its go.mod pins. */
export interface Tool {
  name: ToolName;
  /** The main module, e.g. `k8s.io/kubernetes`. */
  module: string;
  /** The folder with go.mod and go.sum. */
  moduleDir: string;
  /** With the leading `v`. */
  version: string;
  ldflags: string;
  /** Changes with everything that goes into the build: the pinned modules, the flags and the platform. */
  hash: string;
}

const TABLE: readonly Binary[] = [
  { name: 'etcd', tool: 'etcd', mainPackage: '', seconds: 25, versionArgs: ['--version'] },
  {
    name: 'kube-apiserver',
    tool: 'kubernetes',
    mainPackage: '/cmd/kube-apiserver',
    seconds: 270,
    versionArgs: ['--version'],
  },
  {
    name: 'kubectl',
    tool: 'kubernetes',
    mainPackage: '/cmd/kubectl',
    seconds: 25,
    versionArgs: ['version', '--client'],
  },
  {
    name: 'kube-controller-manager',
    tool: 'kubernetes',
    mainPackage: '/cmd/kube-controller-manager',
    seconds: 60,
    versionArgs: ['--version'],
  },
  {
    name: 'kube-scheduler',
    tool: 'kubernetes',
    mainPackage: '/cmd/kube-scheduler',
    seconds: 5,
    versionArgs: ['--version'],
  },
  { name: 'kubelet', tool: 'kubernetes', mainPackage: '/cmd/kubelet', seconds: 20, versionArgs: ['--version'] },
  {
    name: 'workflow-controller',
    tool: 'argo',
    mainPackage: '/cmd/workflow-controller',
    seconds: 160,
    versionArgs: ['version'],
  },
  { name: 'argoexec', tool: 'argo', mainPackage: '/cmd/argoexec', seconds: 110, versionArgs: ['version'] },
  { name: 'kwok', tool: 'kwok', mainPackage: '/cmd/kwok', seconds: 95, versionArgs: ['--version'] },
];

const MODULES: Record<ToolName, string> = {
  etcd: 'go.etcd.io/etcd/server/v3',
  kubernetes: 'k8s.io/kubernetes',
  'kubernetes-oldest': 'k8s.io/kubernetes',
  argo: 'github.com/argoproj/argo-workflows/v4',
  kwok: 'sigs.k8s.io/kwok',
};

/** The table's entries for these names, in the order in which they are best built. */
export function selectBinaries(names: readonly BinaryName[]): Binary[] {
  return TABLE.filter(({ name }) => names.includes(name));
}

/** The kube-apiserver of the oldest version of Kubernetes that Aegis supports. */
export function oldestKubeApiserver(): Binary[] {
  return selectBinaries(['kube-apiserver']).map((binary) => ({ ...binary, tool: 'kubernetes-oldest' }));
}

/** Reads a tool's version and build hash from its go.mod and go.sum. */
export function readTool(name: ToolName): Tool {
  const moduleDir = fileURLToPath(new URL(`../tools/${name}/`, import.meta.url));
  const goMod = readFileSync(join(moduleDir, 'go.mod'), 'utf8');
  const goSum = readFileSync(join(moduleDir, 'go.sum'), 'utf8');
  const module = MODULES[name];
  const version = pinnedVersion(goMod, module);
  const ldflags = `-s -w ${versionFlags(name, version)}`.trim();
  const hash = createHash('sha256')
    .update([goMod, goSum, ldflags, process.platform, process.arch].join('\0'))
    .digest('hex')
    .slice(0, 12);
  return { name, module, moduleDir, version, ldflags, hash };
}

/** The version that a go.mod requires of a module, e.g. `v1.36.3`. */
export function pinnedVersion(goMod: string, module: string): string {
  for (const line of goMod.split('\n')) {
    const [path, version] = line.replace(/^\s*(require\s)?\s*/, '').split(/\s+/);
    if (path === module && version?.startsWith('v') === true) return version;
  }
  throw new Error(`go.mod does not require ${module}`);
}

/** Programs built from a module do not know their version unless the linker tells them. */
function versionFlags(name: ToolName, version: string): string {
  if (name === 'argo') return `-X github.com/argoproj/argo-workflows/v4.version=${version}`;
  if (MODULES[name] !== MODULES.kubernetes) return '';
  const [major = '', minor = ''] = version.replace('v', '').split('.');
  const values = { gitVersion: version, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' };
  return Object.entries(values)
    .map(([key, value]) => `-X k8s.io/component-base/version.${key}=${value}`)
    .join(' ');
}
