import { dirname } from 'node:path';
import process from 'node:process';
import { ensureOldestKubeApiserver } from '../devcluster/binaries/ensure.ts';
import { runNode } from './run-node.ts';

/**
 * `npm run test:oldest`: the tests that depend on what a kube-apiserver knows, on the oldest version that Aegis supports
 * (the one that devcluster/tools/kubernetes-oldest/go.mod pins). Building it takes some minutes, once.
 * `npm run test:oldest -- <arguments for Jest>` runs just those tests there.
 */
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
process.exitCode = await runNode(['test/main.ts', ...(args.length === 0 ? about : args)], {
  KUBEBUILDER_ASSETS: dirname(command),
});
