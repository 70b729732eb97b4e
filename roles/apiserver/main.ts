import { hostname } from 'node:os';
import { buildIngest } from '../../apiserver/ingest/build.ts';
import { createNodeNames } from '../../apiserver/ingest/node-names.ts';
import type { KubeObject } from '../../crds/object.ts';
import type { WatchedCache } from '../../crds/object-cache.ts';
import { events as eventType } from '../../kube/events/event.ts';
import { EventRecorder, eventsPart } from '../../kube/events/recorder.ts';
import { resources } from '../../kube/client/resources.ts';
import { runRoles, type Role, type Surroundings } from '../../process/role.ts';
import { informerNames, openAccess, withAccess, type ProcessAccess } from '../process-access.ts';
import type { ApiserverConfig } from './config.ts';
import { buildExtension } from './extension.ts';

/** Runs the apiserver role until a signal; resolves to the exit code. */
export function runApiserver(config: ApiserverConfig): Promise<number> {
  const { kubeconfig, context, aggregatedApi } = config;
  return runRoles(config, (surroundings) => {
    const options = { kubeconfig, context, userAgent: 'aegis-apiserver', connections: apiserverConnections(config) };
    const access = openAccess({ ...options, outlines: aggregatedApi }, surroundings);
    return [withAccess(buildApiserver(config, surroundings, access), access)];
  });
}

/** Returns the connections that an apiserver needs: besides the alerts being stored, for counts, dead letters and reviews. */
export function apiserverConnections({ ingestConcurrency }: Pick<ApiserverConfig, 'ingestConcurrency'>): number {
  return ingestConcurrency + 16;
}

/** Builds the apiserver role: the ingest of alerts, the aggregated API and the webhooks. Nothing runs yet. */
export function buildApiserver(
  config: ApiserverConfig,
  surroundings: Surroundings,
  { kube, caches, informers }: ProcessAccess,
): Role {
  const { workflows, nodes, ...ours } = informerNames;
  const required = config.aggregatedApi ? Object.values(ours) : [ours.alerts];
  // Alerts are accepted and rules validated also where Argo is not installed yet or Nodes cannot be read.
  const optional = [...(config.aggregatedApi ? [workflows] : []), ...(config.nodeLookup ? [nodes] : [])];
  informers.require(...required, ...optional);
  const synced = informers.synced(required, optional);
  const nodeNames = createNodeNames();
  const events = new EventRecorder({
    client: resources(kube.rest, eventType),
    controller: 'aegis.io/apiserver',
    instance: hostname(),
    clock: surroundings.clock,
    logger: surroundings.logger,
    metrics: kube.metrics,
  });
  const extension = buildExtension(config, surroundings, { rest: kube.rest, informers, caches, events, synced });
  const ingest = buildIngest(config, surroundings, { rest: kube.rest, context: nodeNames });
  feed(caches.alerts, ingest.index);
  feed(caches.nodes, nodeNames);
  return {
    name: 'apiserver',
    parts: [eventsPart(events), ...ingest.parts, ...extension.parts],
    livez: [],
    readyz: [synced, ...ingest.readyz, ...extension.readyz],
    drainDelayMs: config.drainDelay,
  };
}

/** A consumer of all objects of a kind. */
interface Observer<T> {
  observe(object: T): void;
  observeGone(object: T): void;
}

function feed<T extends KubeObject>(informer: Pick<WatchedCache<T>, 'onChange'>, observer: Observer<T>): void {
  informer.onChange(({ type, object }) => {
    if (type === 'deleted') observer.observeGone(object);
    else observer.observe(object);
  });
}
