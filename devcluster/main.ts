import { startCluster, type Cluster } from './cluster.ts';
import { errorText } from './errors.ts';
import { canRunRealNode } from './node/index.ts';
import type { Nodes } from './nodes.ts';
import { ensurePrograms } from './programs.ts';
import { MANIFESTS, NAMESPACE, chooseIngestPort, startAegis } from './start/aegis.ts';
import { playExample } from './start/example.ts';
import { greeting, readyLine } from './start/greeting.ts';
import { ended, watchForEnd } from './start/lifetime.ts';
import { readOptions, type StartOptions } from './start/options.ts';
import { createTerminal, type Terminal } from './start/terminal.ts';

const FAILED = 1;
const INTERRUPTED = 130;

/** Everything that one run is about. */
interface Run {
  options: StartOptions;
  nodes: Nodes;
  terminal: Terminal;
  /** Fires when the run is to end. */
  signal: AbortSignal;
}

/** Starts the cluster and Aegis, runs until the end, and leaves nothing behind; answers the exit code. */
async function start(run: Run): Promise<number> {
  const { options, nodes, terminal, signal } = run;
  // As Argo's own release has it: the API server refuses what is no Workflow, also in a template.
  const parts = { nodes, argo: { strictCrds: true }, redis: true };
  // Nothing of ours runs yet but perhaps a compiler, which ends with us.
  const exit = (): void => process.exit(INTERRUPTED);
  signal.addEventListener('abort', exit);
  terminal.step('Looking for the programs that the cluster is made of');
  await ensurePrograms(parts, process.env, terminal.step);
  signal.removeEventListener('abort', exit);

  const dataDir = options.dataDir !== undefined && { dataDir: options.dataDir };
  const cluster = await startCluster({
    ...parts,
    ...dataDir,
    manifests: MANIFESTS,
    defaultNamespace: NAMESPACE,
    signal,
    log: terminal.step,
  });
  try {
    return await Promise.race([serve(run, cluster), ended(signal).then(() => 0)]);
  } finally {
    terminal.step(signal.aborted ? `Stopping (${String(signal.reason)})` : 'Stopping');
    await cluster.stop();
    terminal.step('Stopped; nothing is left running');
  }
}

async function serve({ options, nodes, terminal, signal }: Run, cluster: Cluster): Promise<number> {
  const port = await chooseIngestPort(options.ingestPort);
  if (port !== options.ingestPort) {
    terminal.step(`Port ${options.ingestPort} is taken; alerts are received on ${port} instead`);
  }
  terminal.step("Starting Aegis's roles, apiserver and worker");
  const aegis = await startAegis(cluster, port);
  terminal.step('Ready');
  if (options.json) terminal.result(JSON.stringify(readyLine(cluster, aegis)));
  if (options.example) {
    const worked = await tryExample({ cluster, nodes, ingestUrl: aegis.ingestUrl, terminal });
    if (options.exitAfterExample) return worked ? 0 : FAILED;
  }
  terminal.print(greeting(cluster, aegis));
  await ended(signal);
  return 0;
}

async function tryExample(stage: Parameters<typeof playExample>[0]): Promise<boolean> {
  stage.terminal.step('Playing the example of the README');
  try {
    await playExample(stage);
    stage.terminal.print('');
    stage.terminal.step('The example worked');
    return true;
  } catch (error) {
    stage.terminal.print('');
    stage.terminal.step(`The example failed: ${errorText(error)}`);
    return false;
  }
}

/** The best kind of node that this machine can run, unless one was asked for. */
function chooseNodes(wanted: Nodes | undefined, terminal: Terminal): Nodes {
  if (wanted === 'simulated' || wanted === 'none') return wanted;
  const verdict = canRunRealNode();
  if (verdict.ok) return 'real';
  if (wanted === 'real') throw new Error(`A real node cannot run here: ${verdict.reason}.`);
  terminal.step(`The node is simulated, pods only pretend to run: ${verdict.reason}`);
  return 'simulated';
}

const options = readOptions(process.argv.slice(2));
const terminal = createTerminal(options.json);
const signal = watchForEnd();
try {
  process.exitCode = await start({ options, nodes: chooseNodes(options.nodes, terminal), terminal, signal });
} catch (error) {
  if (signal.aborted) terminal.step(`Interrupted (${String(signal.reason)}); what was started has been ended`);
  else terminal.print(`\n${errorText(error)}`);
  process.exitCode = signal.aborted ? INTERRUPTED : FAILED;
}
// An open connection, such as a watch of the example, must not delay the exit.
process.exit();
