import { join } from 'node:path';
import { writeKubeconfig } from '../../devcluster/kubeconfig.ts';
import { NAMESPACE } from '../../devcluster/start/aegis.ts';
import { connect } from '../../kube/connection.ts';
import { createRestClient, type RestClient } from '../../kube/rest.ts';
import type { Harness } from '../harness/aegis.ts';

const name = 'bench-reader';

/** Somebody who may look at everything of Aegis, with a token: an administrator would be asked for no rights at all. */
export async function connectReader({ cluster }: Harness): Promise<{ rest: RestClient; close(): Promise<void> }> {
  const { kubectl } = cluster;
  await kubectl(['create', 'serviceaccount', name, '-n', NAMESPACE]);
  await kubectl([
    ...['create', 'rolebinding', name, '-n', NAMESPACE],
    ...['--clusterrole=aegis-view', `--serviceaccount=${NAMESPACE}:${name}`],
  ]);
  const token = await kubectl(['create', 'token', name, '-n', NAMESPACE, '--duration=24h']);
  const path = join(cluster.dataDir, `${name}.kubeconfig`);
  writeKubeconfig(path, {
    server: cluster.server,
    caFile: cluster.pki.cluster.certFile,
    client: { token: token.trim() },
    user: name,
  });
  const connection = connect({ kubeconfig: path });
  return { rest: createRestClient(connection), close: () => connection.close() };
}
