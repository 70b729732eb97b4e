import { aegisAlerts } from '../crds/alert.ts';
import { connect } from '../kube/connection.ts';
import { createInformer, type Informer } from '../kube/informer.ts';
import { createKubeMetrics, type KubeMetrics } from '../kube/metrics.ts';
import { resources } from '../kube/resources.ts';
import { createRestClient, type RestClient } from '../kube/rest.ts';
import type { KubeObject } from '../crds/object.ts';
import type { Check } from '../process/checks.ts';
import type { Part } from '../process/parts.ts';
import { runRoles, type Role, type Surroundings } from '../process/role.ts';
import { loadApiserverConfig, type ApiserverConfig } from './config.ts';
import { buildIngest } from './ingest/build.ts';
import { createNodeNames, nodes, type Node } from './ingest/node-names.ts';

/** Runs the apiserver role until a signal; resolves to the exit code. */
export function runApiserver(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  const config = loadApiserverConfig(argv, env);
  return runRoles(config, (surroundings) => [buildApiserver(config, surroundings)]);
}

/** How a role talks to the API server; roles in one process share one. */
export interface KubeAccess {
  readonly rest: RestClient;
  readonly metrics: KubeMetrics;
  /** The parts of the access itself, which belong to the role that opened it. */
  readonly parts: readonly Part[];
}

/** Opens the connection pool of this process. @throws when there is no usable kubeconfig */
export function openKube({ kubeconfig, ingestConcurrency }: ApiserverConfig, { registry }: Surroundings): KubeAccess {
  // Besides the alerts being stored: counts, reads of the resolve path, dead letters.
  const connection = connect({ kubeconfig, userAgent: 'aegis-apiserver', connections: ingestConcurrency + 8 });
  const metrics = createKubeMetrics(registry);
  return {
    rest: createRestClient(connection, { onRequest: metrics.observeRequest }),
    metrics,
    parts: [{ name: 'kube', start: () => undefined, stop: () => connection.close() }],
  };
}

/** Builds the apiserver role: the HTTP door of the ingest. Nothing runs yet. */
export function buildApiserver(
  config: ApiserverConfig,
  surroundings: Surroundings,
  kube: KubeAccess = openKube(config, surroundings),
): Role {
  const { logger, clock } = surroundings;
  const nodeNames = createNodeNames();
  const ingest = buildIngest(config, surroundings, { rest: kube.rest, context: nodeNames });

  const alerts = createInformer(resources(kube.rest, aegisAlerts), { logger, metrics: kube.metrics });
  alerts.onChange(({ type, object }) => {
    if (type === 'deleted') ingest.index.observeGone(object);
    else ingest.index.observe(object);
  });
  const informers: Part[] = [informerPart('alert-watch', alerts)];
  if (config.nodeLookup) {
    const client = resources(kube.rest, nodes);
    const nodeInformer = createInformer(client, { logger, metrics: kube.metrics, transform: onlyAddresses });
    nodeInformer.onChange(({ type, object }) => {
      if (type === 'deleted') nodeNames.observeGone(object);
      else nodeNames.observe(object);
    });
    informers.push(informerPart('node-watch', nodeInformer));
  }
  return {
    name: 'apiserver',
    parts: [...kube.parts, ...informers, ...ingest.parts],
    livez: [watchRuns(alerts, () => clock.monotonicMs())],
    readyz: [hasSynced(alerts), ...ingest.readyz],
    drainDelayMs: config.drainDelay,
  };
}

function informerPart<T extends KubeObject>(name: string, informer: Informer<T>): Part {
  const stop = new AbortController();
  let running: Promise<void> | undefined;
  return {
    name,
    start: () => {
      running = informer.start(stop.signal);
    },
    stop: async () => {
      stop.abort();
      await running;
    },
  };
}

function hasSynced<T extends KubeObject>(informer: Informer<T>): Check {
  return {
    name: 'alerts-synced',
    check: () => {
      if (!informer.hasSynced()) throw new Error('the alerts have not been listed yet');
      return undefined;
    },
  };
}

/** An informer does something every three minutes, also while the API server is gone. */
const stuckMs = 600_000;

function watchRuns<T extends KubeObject>(informer: Informer<T>, monotonicMs: () => number): Check {
  return {
    name: 'alert-watch',
    check: () => {
      const idleMs = monotonicMs() - informer.lastActivity();
      if (idleMs > stuckMs) throw new Error(`the watch of alerts has done nothing for ${Math.round(idleMs / 1000)} s`);
      return undefined;
    },
  };
}

/** Nodes are large and change every few seconds; only these fields are looked at. */
function onlyAddresses({ apiVersion, kind, metadata, status }: Node): Node {
  const { name, uid = '', resourceVersion = '' } = metadata;
  return { apiVersion, kind, metadata: { name, uid, resourceVersion }, status: { addresses: status?.addresses ?? [] } };
}
