import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ensureBinaries } from '../devcluster/binaries/ensure.ts';
import { ensurePrograms } from '../devcluster/programs.ts';
import { serversOf } from './programs.ts';

describe('serversOf', () => {
  it.each([
    [['alerts/decide.test.ts', 'test/everything.test.ts'], 'none'],
    [['alerts/decide.test.ts', 'test/ingest/ingest.test.ts'], 'control plane'],
    [['test/ingest/ingest.test.ts', 'test/example/example.test.ts'], 'nodes'],
  ])('serversOf returns for %j: %s', (files, servers) => {
    expect(
      serversOf(
        files.map((file) => join('/clone', file)),
        '/clone',
      ),
    ).toBe(servers);
  });
});

/** Stands for the go command: "builds" a program by writing a script, and "downloads" a module with Argo's manifests. */
const fakeGo = (module: string) => `#!/bin/sh
case "$1" in
  build)
    while [ "$1" != -o ]; do shift; done
    printf '#!/bin/sh\\n' >"$2" && chmod +x "$2" ;;
  mod) [ "$2" = edit ] || printf '{"Dir": "%s"}' '${module}' ;;
esac
`;

describe('programs in an empty cache', () => {
  let folder: string;
  let env: NodeJS.ProcessEnv;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'aegis-empty-cache-'));
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    const programs = { go: fakeGo(writeArgoModule()), 'redis-server': '#!/bin/sh\necho Redis server v=7.0.15\n' };
    for (const [name, script] of Object.entries(programs)) writeFileSync(join(bin, name), script, { mode: 0o755 });
    env = { PATH: [bin, '/usr/bin', '/bin'].join(delimiter), AEGIS_CACHE_DIR: join(folder, 'cache') };
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** As much of Argo's module as is copied and built. */
  function writeArgoModule(): string {
    const module = join(folder, 'argo');
    const files = [
      'manifests/base/crds/minimal/argoproj.io_workflows.yaml',
      'manifests/base/crds/full/argoproj.io_workflows.yaml',
      ...['workflow-aggregate-roles', 'workflow-controller-clusterrole', 'workflow-controller-role'].map(
        (name) => `manifests/cluster-install-no-crds/workflow-controller-rbac/${name}.yaml`,
      ),
      'workflow/executor/osspecific/signal_darwin.go',
    ];
    for (const file of files) {
      mkdirSync(join(module, file, '..'), { recursive: true });
      writeFileSync(join(module, file), '');
    }
    // Go keeps its module cache read-only.
    chmodSync(join(module, 'manifests'), 0o555);
    return module;
  }

  it('ensurePrograms builds every program once and logs its progress', async () => {
    const lines: string[] = [];
    const log = (line: string): number => lines.push(line);
    const wanted = { nodes: 'none', argo: { strictCrds: true }, redis: true } as const;
    const { binaries, argo } = await ensurePrograms(wanted, env, log);
    for (const path of Object.values(binaries)) expect(existsSync(path)).toBe(true);
    expect(argo?.manifests.crds).toHaveLength(1);
    expect(lines[0]).toMatch(/^To build, once: etcd, kube-apiserver, .*, workflow-controller; about \d+ min/);
    expect(lines.filter((line) => line.startsWith('Building '))).toHaveLength(5);
    expect(readdirSync(join(folder, 'cache')).filter((name) => /lock|partial/.test(name))).toEqual([]);

    lines.length = 0;
    rmSync(join(folder, 'bin', 'go'));
    await ensurePrograms(wanted, env, log);
    expect(lines).toEqual([]);
  });

  it('ensureBinaries names the remedy when Go is missing', async () => {
    rmSync(join(folder, 'bin', 'go'));
    const building = ensureBinaries(['etcd'], { ...env, PATH: join(folder, 'bin') }, () => undefined);
    await expect(building).rejects.toThrow(/Go is not installed/);
  });
});
