import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buildAdmission, type Admission } from '../../apiserver/admission/build.ts';
import { buildApiAccess } from '../../apiserver/aggregated/build.ts';
import { validatingWebhook } from '../../apiservice/registration/webhooks.ts';
import { aegisOpsTemplates } from '../../crds/ops-template.ts';
import { downloadModule } from '../../devcluster/binaries/build.ts';
import { readTool } from '../../devcluster/binaries/tools.ts';
import type { Cluster } from '../../devcluster/cluster.ts';
import { kubectlEnv } from '../../devcluster/kubectl.ts';
import { aegisKubeconfig, NAMESPACE, SERVICE } from '../../devcluster/start/aegis.ts';
import { startApiServer } from '../harness/api-server.ts';
import { connect } from '../../kube/client/connection.ts';
import { createInformer } from '../../kube/cache/informer.ts';
import { resources } from '../../kube/client/resources.ts';
import { createRestClient } from '../../kube/client/rest.ts';
import { systemClock } from '../../lib/clock.ts';
import { createLogger } from '../../process/logger.ts';
import { createRegistry } from '../../process/metrics.ts';
import { eventually } from '../harness/eventually.ts';

/** The output and the exit code of a command. */
export interface Transcript {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A real API server whose webhooks are Aegis's admission, with Aegis's own rights. */
export interface AdmissionFixture {
  cluster: Cluster;
  /** Paths of the reviews that arrived, with their query. */
  asked: string[];
  /** Runs kubectl as the administrator, or as a user by `--as`. */
  kubectl(args: readonly string[], input?: object | string): Promise<Transcript>;
  register(): Promise<void>;
  /** Argo's CRD with its full schema. */
  installArgo(): Promise<void>;
  /** Ends the webhooks' server; they stay registered. */
  goDown(): Promise<void>;
  stop(): Promise<void>;
}

export async function startFixture(): Promise<AdmissionFixture> {
  const cluster = await startApiServer();
  const connection = connect({ kubeconfig: await aegisKubeconfig(cluster, 'apiserver') });
  const rest = createRestClient(connection);
  const logger = createLogger('silent');
  const surroundings = { logger, registry: createRegistry(), clock: systemClock() };
  const templates = createInformer(resources(rest, aegisOpsTemplates), { logger });
  const watching = new AbortController();
  const watch = templates.start(watching.signal);
  const { authorizer } = buildApiAccess(rest, surroundings);
  const admission = buildAdmission(surroundings, { rest, authorizer, templates, ruleScope: 'Cluster' });
  const asked: string[] = [];
  const server = await serve(cluster, admission, asked);
  const goDown = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return {
    cluster,
    asked,
    kubectl: (args, input) => runKubectl(cluster, args, input),
    register: async () => {
      await cluster.kubectl(['apply', '-f', '-'], JSON.stringify(configuration(cluster, admission, server)));
    },
    installArgo: async () => {
      const source = await downloadModule(readTool('argo'), process.env);
      const file = join(source, 'manifests/base/crds/full/argoproj.io_workflows.yaml');
      await cluster.kubectl(['apply', '--server-side', '--validate=false', '-f', file]);
      await eventually('Argo', () =>
        cluster.kubectl(['get', 'workflows.argoproj.io', '--all-namespaces', '-o', 'json']),
      );
    },
    goDown,
    stop: async () => {
      await goDown();
      watching.abort();
      await watch;
      await connection.close();
      await cluster.stop();
    },
  };
}

async function serve(cluster: Cluster, { listener }: Admission, asked: string[]): Promise<Server> {
  const host = `aegis-webhook.${NAMESPACE}.svc`;
  const files = await cluster.pki.cluster.issue('webhook', { commonName: host, hosts: [host, '127.0.0.1'] });
  const options = { cert: readFileSync(files.certFile), key: readFileSync(files.keyFile), keepAliveTimeout: 120_000 };
  const server = createServer(options, (request, response) => {
    asked.push(request.url ?? '');
    listener(request, response);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return server;
}

function configuration(cluster: Cluster, { webhooks }: Admission, server: Server): object {
  const { port } = server.address() as AddressInfo;
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'aegis' },
    webhooks: webhooks.map((webhook) => ({
      ...validatingWebhook(webhook, {
        service: { ...SERVICE, port },
        ownUsers: [`system:serviceaccount:${NAMESPACE}:aegis-apiserver`],
        caBundle: undefined,
      }),
      clientConfig: {
        url: `https://127.0.0.1:${port}${webhook.path}`,
        caBundle: readFileSync(cluster.pki.cluster.certFile).toString('base64'),
      },
    })),
  };
}

async function runKubectl(
  { kubectlPath, kubeconfigPath, dataDir }: Cluster,
  args: readonly string[],
  input?: object | string,
): Promise<Transcript> {
  const env = kubectlEnv({ kubeconfig: kubeconfigPath, cacheDir: join(dataDir, 'kubectl-cache') });
  const child = spawn(kubectlPath, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => undefined);
  child.stdin.end(typeof input === 'string' ? input : JSON.stringify(input ?? ''));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { code, stdout, stderr };
}
