import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { ensureOldestKubeApiserver } from '../devcluster/binaries/ensure.ts';

/**
 * `npm run test:oldest`: the tests that depend on what a kube-apiserver knows, on the oldest version that Aegis supports
 * (the one that devcluster/tools/kubernetes-oldest/go.mod pins). Building it takes some minutes, once.
 * `npm run test:oldest -- <arguments for Jest>` runs just those tests there.
 */
const root = join(import.meta.dirname, '..');
const about = [
  'test/crds',
  'test/admission',
  'test/aggregated/kubectl',
  'test/aggregated/served',
  'test/apiservice/registration',
];

const command = await ensureOldestKubeApiserver(process.env, (line) => {
  console.error(line);
});
const args = process.argv.slice(2);
const child = spawn(process.execPath, [join(root, 'test/main.ts'), ...(args.length === 0 ? about : args)], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, KUBEBUILDER_ASSETS: dirname(command) },
});
const [code] = (await once(child, 'exit')) as [number | null];
process.exitCode = code ?? 1;
