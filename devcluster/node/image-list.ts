import { fileURLToPath } from 'node:url';

import type { DebianRoot } from '../binaries/debian.ts';
import type { Run } from './command.ts';
import type { ImageSpec } from './images.ts';

/** Holds a pod's namespaces; never named by a user. */
export const PAUSE_IMAGE = 'devcluster.aegis.io/pause:1';
/** The executor for `workflow-controller --executor-image`. */
export const ARGOEXEC_IMAGE = 'quay.io/argoproj/argoexec:v4.0.2';

/** The image of the templates in `manifests/toolkit`: kubectl, a shell, and the scripts of `ops/`. */
const OPS_IMAGE = 'docker.io/library/aegis-ops:0.1.0';
const OPS_SCRIPTS = fileURLToPath(new URL('../../ops', import.meta.url));

const PAUSE_SCRIPT = 'trap "exit 0" TERM INT; while :; do sleep 2147483647 & wait $!; done';

/** The images that the node can pull without a network, made of static programs. */
export async function standardImages(
  debian: DebianRoot,
  programs: { kubectl: string; argoexec?: string },
  run: Run,
): Promise<ImageSpec[]> {
  const busybox = debian.bin('busybox');
  const bash = debian.bin('bash-static');
  const links = await appletsOf(busybox, run);
  return [
    { name: PAUSE_IMAGE, programs: [busybox], links, entrypoint: ['/bin/sh', '-c', PAUSE_SCRIPT], user: '65534' },
    { name: 'docker.io/library/busybox:latest', programs: [busybox], links, command: ['sh'] },
    {
      name: 'docker.io/bitnami/kubectl:latest',
      programs: [busybox, bash, programs.kubectl],
      links: { ...links, bash: 'bash-static' },
      entrypoint: ['kubectl'],
      command: ['--help'],
      user: '1001',
    },
    opsImage(programs.kubectl, busybox, links),
    ...(programs.argoexec === undefined ? [] : [argoexecImage(programs.argoexec, busybox, links)]),
  ];
}

/** The image of the toolkit alone. */
export async function opsImageOf(debian: DebianRoot, kubectl: string, run: Run): Promise<ImageSpec> {
  const busybox = debian.bin('busybox');
  return opsImage(kubectl, busybox, await appletsOf(busybox, run));
}

async function appletsOf(busybox: string, run: Run): Promise<Record<string, string>> {
  const applets = (await run(busybox, ['--list'])).split('\n').filter((name) => name !== '' && name !== 'busybox');
  return Object.fromEntries(applets.map((name) => [name, 'busybox']));
}

function opsImage(kubectl: string, busybox: string, links: Record<string, string>): ImageSpec {
  return {
    name: OPS_IMAGE,
    programs: [busybox, kubectl],
    folders: { 'opt/aegis-ops': OPS_SCRIPTS },
    links: { ...links, 'aegis-ops': '/opt/aegis-ops/aegis-ops' },
    entrypoint: ['aegis-ops'],
    user: '65534',
  };
}

function argoexecImage(argoexec: string, busybox: string, links: Record<string, string>): ImageSpec {
  return { name: ARGOEXEC_IMAGE, programs: [busybox, argoexec], links, entrypoint: ['argoexec'], user: '8737' };
}
