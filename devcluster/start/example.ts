import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import type { Cluster } from '../cluster.ts';
import type { Nodes } from '../nodes.ts';
import { NAMESPACE } from './aegis.ts';
import type { Terminal } from './terminal.ts';
import { watchAlerts } from './watch-alerts.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const RULE = 'docs/guide/examples/nodehasemergencyevent.yaml';
const NODE = 'dev1';

/** The alert that the guide sends, as `curl -d` sends it: without a line break at the end. */
export function exampleAlert(): string {
  return readFileSync(join(ROOT, 'docs/guide/examples/nodehasemergencyevent.json'), 'utf8').trimEnd();
}

/** The cluster and the processes that the example uses. */
export interface Stage {
  cluster: Cluster;
  nodes: Nodes;
  ingestUrl: string;
  terminal: Terminal;
}

/** Plays the README's example with its own commands and shows what they really print; rejects when it does not work. */
export async function playExample(stage: Stage): Promise<void> {
  const { cluster, nodes, terminal } = stage;
  const show = async (line: string, args: readonly string[], filter?: string): Promise<void> => {
    terminal.print(`\n$ ${line}`);
    const lines = (await cluster.kubectl(args)).trimEnd().split('\n');
    for (const text of lines) if (filter === undefined || text.includes(filter)) terminal.print(text);
  };

  await show(`kubectl apply -f ${RULE}`, ['apply', '-f', join(ROOT, RULE)]);
  await show('kubectl get aegisalertopsrule', ['get', 'aegisalertopsrule']);
  await show('kubectl get aegisopstemplate', ['get', 'aegisopstemplate']);
  await endEarlierEpisode(stage);
  const alert = await fireAlert(stage);
  await show(`kubectl -n ${NAMESPACE} get workflow | grep ${alert}`, ['-n', NAMESPACE, 'get', 'workflow'], alert);
  if (nodes === 'none') {
    terminal.print(
      '\nThere is no node, so the Workflow waits for ever: its pod, its log and the cordoned node are skipped.',
    );
    return;
  }
  await show(`kubectl -n ${NAMESPACE} get pods | grep ${alert}`, ['-n', NAMESPACE, 'get', 'pods'], alert);
  if (nodes === 'simulated') {
    terminal.print(
      `\nThe node is simulated: the pod's containers did not run, so it has no log and ${NODE} is not cordoned.`,
    );
    return;
  }
  const selector = `--field-selector=status.phase=Succeeded`;
  const names = await cluster.kubectl(['-n', NAMESPACE, 'get', 'pods', selector, '-o', 'name']);
  const pod = names
    .split('\n')
    .find((name) => name.includes(alert))
    ?.replace('pod/', '');
  if (pod === undefined) throw new Error(`no pod of ${alert} has succeeded`);
  await show(`kubectl -n ${NAMESPACE} logs ${pod}`, ['-n', NAMESPACE, 'logs', pod]);
  await show(`kubectl get node ${NODE}`, ['get', 'node', NODE]);
  const cordoned = await cluster.kubectl(['get', 'node', NODE, '-o', 'jsonpath={.spec.unschedulable}']);
  terminal.print(`\n$ kubectl get node ${NODE} -o jsonpath='{.spec.unschedulable}'\n${cordoned}`);
  if (cordoned !== 'true') throw new Error(`node ${NODE} is not cordoned`);
}

/** Sends the alert and shows its life until its Workflow has ended; answers the alert's name. */
async function fireAlert({ cluster, nodes, ingestUrl, terminal }: Stage): Promise<string> {
  const watch = await watchAlerts(cluster, NAMESPACE);
  const body = exampleAlert();
  try {
    terminal.print(`\n$ curl -X POST ${ingestUrl}/default/alert -d '${body}'`);
    terminal.print(await post(ingestUrl, body));
    terminal.print(`\n$ kubectl -n ${NAMESPACE} get aegisalert --watch | grep default`);
    // Without a node no pod of the Workflow is scheduled; a watch may skip Pending, which Argo leaves at once.
    const last = nodes === 'none' ? ['Pending', 'Running'] : ['Succeeded'];
    return await watch.follow(last, terminal.print);
  } finally {
    watch.stop();
  }
}

/** On data of an earlier run the alert is still firing, and the same alert again would only be counted. */
async function endEarlierEpisode({ cluster, ingestUrl, terminal }: Stage): Promise<void> {
  const firing = (): Promise<string> =>
    cluster.kubectl([
      ...['-n', NAMESPACE, 'get', 'aegisalert', '-o'],
      'jsonpath={.items[?(@.spec.fingerprint=="5f972974ccf1ee9b")].spec.status}',
    ]);
  if (!(await firing()).includes('Firing')) return;
  terminal.print(
    '\nThe alert of an earlier run is still firing; it is resolved first, so that this one is a new episode.',
  );
  await post(ingestUrl, exampleAlert().replace('Firing', 'Resolved'));
  for (let tries = 0; (await firing()).includes('Firing'); tries++) {
    if (tries > 50) throw new Error('the alert of the earlier run cannot be resolved');
    await sleep(200);
  }
}

/** Sends a body just as `curl -d` does. */
async function post(ingestUrl: string, body: string): Promise<string> {
  const response = await fetch(`${ingestUrl}/default/alert`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body,
  });
  const text = (await response.text()).trimEnd();
  if (!response.ok) throw new Error(`the alert was answered with ${response.status}: ${text}`);
  return text;
}
