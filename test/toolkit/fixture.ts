import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import { startCluster, type Cluster } from '../../devcluster/cluster.ts';
import { freePorts } from '../../devcluster/ports.ts';
import { MANIFESTS, NAMESPACE, startAegis } from '../../devcluster/start/aegis.ts';
import { examples } from '../harness/aegis.ts';
import { apiAvailable } from '../harness/extension.ts';
import { eventually } from '../harness/eventually.ts';

const TOOLKIT = join(import.meta.dirname, '../../manifests/toolkit');
const WITHIN = { withinMs: 120_000, everyMs: 500 };

/** A real node with Argo, Aegis and the toolkit, and a rule for each template. */
export interface Toolkit {
  cluster: Cluster;
  /** Sends the alert that starts a template; answers the name of the Workflow. */
  start(template: string, object: InvolvedObject): Promise<string>;
  /** Waits until the Workflow has ended. */
  ended(workflow: string): Promise<Ended>;
  /** The steps of a Workflow that had a pod, in the order in which those started, and the phase of each. */
  steps(workflow: string): Promise<string[]>;
  /** The log of all steps of a Workflow. */
  log(workflow: string): Promise<string>;
  isCordoned(): Promise<boolean>;
  /** Applies objects to the namespace `default`. */
  apply(...objects: object[]): Promise<void>;
  stop(): Promise<void>;
}

export interface InvolvedObject {
  kind: string;
  name: string;
  namespace?: string;
}

/** How a Workflow has ended. */
export interface Ended {
  phase: string;
  /** Why it has failed. */
  message: string;
  log: string;
}

/** The only node. */
export const NODE = 'dev1';

/**
 * @param settings of templates, where others are wanted than those that they come with
 */
export async function startToolkit(settings: Record<string, Record<string, string>>): Promise<Toolkit> {
  const cluster = await startCluster({
    nodes: 'real',
    argo: { strictCrds: true },
    redis: true,
    manifests: MANIFESTS,
    defaultNamespace: NAMESPACE,
    unsafeNoFsync: true,
  });
  try {
    const [port = 0] = await freePorts(1);
    const { ingestUrl } = await startAegis(cluster, port);
    await apiAvailable(cluster);
    await install(cluster, settings);
    return toolkit(cluster, ingestUrl);
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

/** Applies the files as the guide says; what may act in a namespace is allowed to in `default`. */
async function install(cluster: Cluster, settings: Record<string, Record<string, string>>): Promise<void> {
  // Through the webhooks, which render each template on trial and ask Argo's schema.
  const extra = ['repair-node.yaml', 'load-test.yaml'].flatMap((file) => ['-f', join(examples, file)]);
  await cluster.kubectl(['apply', '-f', TOOLKIT, ...extra]);
  for (const [template, values] of Object.entries(settings)) {
    await cluster.kubectl(['apply', '-f', '-'], withSettings(template, values));
  }
  for (const name of ['aegis-ops-delete-pod', 'aegis-ops-restart-deployment']) {
    const binding = ['create', 'rolebinding', name, `--clusterrole=${name}`, `--serviceaccount=${NAMESPACE}:${name}`];
    await cluster.kubectl(['--namespace=default', ...binding]);
  }
  const names = await cluster.kubectl(['get', 'aegisopstemplate', '-o', 'jsonpath={.items[*].metadata.name}']);
  await cluster.kubectl(['apply', '-f', '-'], names.split(' ').map(ruleFor).join('\n---\n'));
}

function ruleFor(template: string): string {
  return JSON.stringify({
    apiVersion: 'aegis.io/v1alpha1',
    kind: 'AegisAlertOpsRule',
    metadata: { name: template },
    spec: {
      alertConditions: [{ type: template, status: 'Firing' }],
      opsTemplate: {
        kind: 'AegisOpsTemplate',
        apiVersion: 'aegis.io/v1alpha1',
        namespace: NAMESPACE,
        name: template,
      },
    },
  });
}

/** The template with other settings, as an admin would edit them. */
function withSettings(template: string, values: Record<string, string>): string {
  const documents = parseAllDocuments(readFileSync(join(TOOLKIT, `${template}.yaml`), 'utf8'));
  const object = documents
    .map((document) => document.toJS() as OpsTemplate)
    .find(({ kind }) => kind.startsWith('Aegis'));
  if (object === undefined) throw new Error(`${template}.yaml has no template`);
  for (const [name, value] of Object.entries(values)) {
    const edited = object.spec.manifest.replace(new RegExp(`(name: ${name}, value: )'[^']*'`), `$1'${value}'`);
    if (edited === object.spec.manifest) throw new Error(`${template}.yaml has no setting ${name}`);
    object.spec.manifest = edited;
  }
  return stringify(object);
}

interface WorkflowWithNodes {
  status: { nodes: Record<string, { type: string; templateName: string; phase: string; startedAt: string }> };
}

interface OpsTemplate {
  kind: string;
  spec: { manifest: string };
}

function toolkit(cluster: Cluster, ingestUrl: string): Toolkit {
  const { kubectl } = cluster;
  const workflowsOf = async (rule: string): Promise<string[]> => {
    const names = await kubectl([
      'get',
      'workflows',
      '-l',
      `aegis.io/rule=${rule}`,
      '-o',
      'jsonpath={.items[*].metadata.name}',
    ]);
    return names.split(' ').filter(Boolean);
  };
  const log = (workflow: string): Promise<string> =>
    kubectl(['logs', '-l', `workflows.argoproj.io/workflow=${workflow}`, '-c', 'main', '--tail=-1']).catch(() => '');
  let alerts = 0;
  return {
    cluster,
    log,
    async start(template, involvedObject) {
      const before = new Set(await workflowsOf(template));
      const response = await fetch(`${ingestUrl}/default/alert`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          type: template,
          status: 'Firing',
          involvedObject,
          fingerprint: `toolkit-${(alerts += 1)}`,
        }),
      });
      if (!response.ok) throw new Error(`the alert was answered with ${response.status}: ${await response.text()}`);
      const isNew = async () => (await workflowsOf(template)).find((name) => !before.has(name));
      return eventually(`a Workflow of ${template}`, isNew, WITHIN);
    },
    async ended(workflow) {
      const read = async () =>
        kubectl(['get', 'workflow', workflow, '-o', 'jsonpath={.status.phase} {.status.message}']);
      const [phase = '', ...message] = await eventually(
        `Workflow ${workflow} to end`,
        async () => {
          const words = (await read()).split(' ');
          return ['Succeeded', 'Failed', 'Error'].includes(words[0] ?? '') && words;
        },
        WITHIN,
      );
      return { phase, message: message.join(' '), log: await log(workflow) };
    },
    async steps(workflow) {
      const { status } = JSON.parse(await kubectl(['get', 'workflow', workflow, '-o', 'json'])) as WorkflowWithNodes;
      return Object.values(status.nodes)
        .filter(({ type }) => type === 'Pod')
        .sort((one, other) => one.startedAt.localeCompare(other.startedAt))
        .map(({ templateName, phase }) => `${templateName} ${phase}`);
    },
    isCordoned: async () => (await kubectl(['get', 'node', NODE, '-o', 'jsonpath={.spec.unschedulable}'])) === 'true',
    apply: async (...objects) => {
      const text = objects.map((object) => JSON.stringify(object)).join('\n---\n');
      await kubectl(['--namespace=default', 'apply', '-f', '-'], text);
    },
    stop: () => cluster.stop(),
  };
}
