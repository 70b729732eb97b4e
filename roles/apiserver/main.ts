import { hostname } from 'node:os';
import type { KubeObject } from '../../crds/object.ts';
import { openKube, type KubeAccess } from '../../kube/client/access.ts';
import { systemClock } from '../../lib/clock.ts';
import { events as eventType } from '../../kube/events/event.ts';
import { createEventRecorder, eventsPart } from '../../kube/events/recorder.ts';
import type { Informer } from '../../kube/cache/informer.ts';
import { resources } from '../../kube/client/resources.ts';
import { runRoles, type Role, type Surroundings } from '../../process/role.ts';
import { createCaches } from '../../apiserver/caches.ts';
import { readConfig } from '../../process/config.ts';
import { ApiserverConfig } from './config.ts';
import { buildExtension } from './extension.ts';
import { buildIngest } from '../../apiserver/ingest/build.ts';
import { createNodeNames } from '../../apiserver/ingest/node-names.ts';

/** Runs the apiserver role until a signal; resolves to the exit code. */
export function runApiserver(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  const config = readConfig(ApiserverConfig, argv, env);
  return runRoles(config, (surroundings) => [buildApiserver(config, surroundings)]);
}

/** Opens the connection pool of this process. @throws when there is no usable kubeconfig */
export function openApiserverKube(
  { kubeconfig, context, ingestConcurrency }: ApiserverConfig,
  { registry }: Surroundings,
): KubeAccess {
  // In addition to storing alerts: counts, episode lookups, dead letters, access reviews.
  const connections = ingestConcurrency + 16;
  return openKube({ kubeconfig, context, userAgent: 'aegis-apiserver', connections }, registry);
}

/** Builds the apiserver role. Nothing runs yet. */
export function buildApiserver(
  config: ApiserverConfig,
  surroundings: Surroundings,
  kube: KubeAccess = openApiserverKube(config, surroundings),
): Role {
  const { caches, parts, synced, alive } = createCaches(kube, surroundings, {
    alertsOnly: !config.aggregatedApi,
    watchNodes: config.nodeLookup,
  });
  const nodeNames = createNodeNames();
  const events = createEventRecorder({
    client: resources(kube.rest, eventType),
    controller: 'aegis.io/apiserver',
    instance: hostname(),
    clock: systemClock(),
    logger: surroundings.logger,
    metrics: kube.metrics,
  });
  const extension = buildExtension(config, surroundings, { kube, caches, events, synced });
  const ingest = buildIngest(config, surroundings, { rest: kube.rest, context: nodeNames });
  feed(caches.alerts, ingest.index);
  feed(caches.nodes, nodeNames);
  return {
    name: 'apiserver',
    parts: [...kube.parts, ...parts, eventsPart(events), ...ingest.parts, ...extension.parts],
    livez: [alive],
    readyz: [synced, ...ingest.readyz, ...extension.readyz],
    drainDelayMs: config.drainDelay,
  };
}

/** A consumer of all objects of a kind. */
interface Observer<T> {
  observe(object: T): void;
  observeGone(object: T): void;
}

function feed<T extends KubeObject>(informer: Informer<T>, observer: Observer<T>): void {
  informer.onChange(({ type, object }) => {
    if (type === 'deleted') observer.observeGone(object);
    else observer.observe(object);
  });
}
