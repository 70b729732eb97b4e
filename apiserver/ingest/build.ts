import type { ParseContext } from '../../alerts/incoming.ts';
import { sources } from '../../alerts/sources/index.ts';
import type { RestClient } from '../../kube/client/rest.ts';
import type { Check } from '../../process/checks.ts';
import type { Runnable } from '../../lib/runnable.ts';
import type { Surroundings } from '../../process/role.ts';
import { tokenFiles, type IngestConfig } from './settings.ts';
import { createDeadLetters, type DeadLetter } from './dead-letters/dead-letters.ts';
import { createIngestHandler } from './http/handler.ts';
import { createEpisodeIndex, type EpisodeIndex } from './store/episode-index.ts';
import { RequestLimiter } from '../http/load-limits.ts';
import { AlertLimiter } from './alert-limiter.ts';
import { createIntake } from './intake.ts';
import { KeyedMutex } from '../../lib/keyed-mutex.ts';
import { createKubeAlerts } from './store/kube-alerts.ts';
import { createKubeDeadLetters } from './dead-letters/kube-store.ts';
import { EpisodeLookup } from './store/episode-lookup.ts';
import { EpisodeWriter } from './store/episode-writer.ts';
import { addIngestGauges, createIngestMetrics } from './metrics.ts';
import { TruncatedReader } from './alertmanager/truncated.ts';
import { createRequestLog } from './http/request-log.ts';
import { createIngestServer, type IngestServer } from './http/server.ts';
import { StaleCheck, staleCheckPeriodMs } from './alertmanager/stale-check.ts';
import { periodic } from '../../lib/periodic.ts';
import { SecretFile } from './http/secret-file.ts';
import { FairSemaphore } from '../../lib/fair-semaphore.ts';
import { watchWrites } from './store/write-health.ts';

/** Milliseconds. Senders give up after 10 to 15 seconds; even a busy machine answers within 5. */
const budgetMs = 4_000;
const countEveryMs = 1_000;
const deadLettersEveryMs = 5_000;
const drainMs = 8_000;

/** The ingest, built and not yet started. */
export interface Ingest {
  /** To be fed by a watch of the alerts. */
  readonly index: EpisodeIndex;
  readonly parts: readonly Runnable[];
  readonly readyz: readonly Check[];
  readonly server: IngestServer;
}

/** Dependencies of the ingest, passed by the role. */
export interface IngestAccess {
  rest: RestClient;
  context: ParseContext;
}

/** Builds the ingest. */
export function buildIngest(config: IngestConfig, surroundings: Surroundings, access: IngestAccess): Ingest {
  const { logger, registry, clock } = surroundings;
  const now = () => clock.now();
  const monotonicMs = () => clock.monotonicMs();
  const log = createRequestLog(logger, clock);
  const { store, check } = watchWrites(createKubeAlerts(access.rest), monotonicMs);
  const index = createEpisodeIndex(monotonicMs);
  const alertLimiter = new AlertLimiter({
    alerts: config.ingestMaxAlerts,
    alertsPerTenant: config.ingestMaxAlertsPerNamespace,
  });
  const metrics = createIngestMetrics(registry);
  const writer = new EpisodeWriter({
    store,
    index,
    lookup: new EpisodeLookup(store),
    mutex: new KeyedMutex(),
    semaphore: new FairSemaphore(config.ingestConcurrency),
    onWrite: () => {
      metrics.coalescedWrites.inc();
    },
    onDropped: (count) => {
      metrics.repeatsDropped.inc(count);
    },
    now,
    defaultNamespace: config.namespace,
  });
  addIngestGauges(registry, {
    alertsInFlight: () => alertLimiter.inFlight(),
    repeatsPending: () => writer.repeatsPending(),
  });
  const deadLetters = createDeadLetters({
    store: createKubeDeadLetters(access.rest, config.namespace),
    now,
    onKept: ({ source, reason }) => {
      metrics.deadLetters.inc({ source, reason });
    },
    onFailure: (count, error) => {
      metrics.deadLetterFailures.inc(count);
      logger.warn({ err: error, count }, 'Could not store dead letters');
    },
  });
  const keepDeadLetter = (letter: DeadLetter): void => {
    deadLetters.add(letter);
  };
  const intake = createIntake({ writer, metrics, log, keepDeadLetter, now });
  const truncatedReader = new TruncatedReader({
    urls: config.alertmanagerUrl,
    intake,
    context: access.context,
    onRead: (result, error) => {
      metrics.truncatedReads.inc({ result });
      if (error !== undefined) logger.warn({ err: error }, 'Could not read truncated alerts from Alertmanager');
    },
  });
  const handler = createIngestHandler({
    sources,
    secrets: secretFiles(config, monotonicMs),
    requestLimiter: new RequestLimiter({ requests: config.ingestMaxRequests, bytes: config.ingestMaxBodies }),
    alertLimiter,
    intake,
    context: access.context,
    metrics,
    log,
    clock,
    keepDeadLetter,
    onTruncated: (group, tenant) => {
      metrics.truncated.inc(group.count);
      truncatedReader.request(group, tenant);
    },
    defaultNamespace: config.namespace,
    maxBody: config.ingestMaxBody,
    budgetMs,
  });
  const server = createIngestServer({
    port: config.ingestPort,
    host: config.ingestAddress,
    listener: handler,
    drainMs,
  });
  const staleCheck = new StaleCheck({
    urls: config.alertmanagerUrl,
    index,
    store,
    staleAfter: config.staleAfter,
    now,
    onConfirmed: (count) => {
      metrics.staleConfirmed.inc(count);
    },
    onFailure: (error) => {
      logger.warn({ err: error }, 'Could not check overdue alerts with Alertmanager');
    },
  });
  const parts: Runnable[] = [
    periodic({
      clock,
      logger,
      runAtStop: true,
      name: 'repeat-counts',
      periodMs: countEveryMs,
      work: () => writer.flushRepeats(),
    }),
    periodic({
      clock,
      logger,
      runAtStop: true,
      name: 'dead-letters',
      periodMs: deadLettersEveryMs,
      work: () => deadLetters.flush(),
    }),
    { name: 'truncated-alerts', start: () => undefined, stop: () => truncatedReader.idle() },
    ...(config.alertmanagerUrl.length === 0
      ? []
      : [runPeriodically(staleCheck, staleCheckPeriodMs(config.staleAfter), surroundings)]),
    logged(server, config, logger),
  ];
  return { index, parts, readyz: [check], server };
}

function secretFiles(config: IngestConfig, monotonicMs: () => number): Map<string, SecretFile> {
  return new Map([...tokenFiles(config)].map(([source, path]) => [source, new SecretFile(path, monotonicMs)]));
}

function runPeriodically(staleCheck: StaleCheck, periodMs: number, { clock, logger }: Surroundings): Runnable {
  const check = periodic({ name: 'stale-check', clock, logger, periodMs, work: () => staleCheck.run() });
  return {
    ...check,
    stop: () => {
      staleCheck.stop();
      return check.stop();
    },
  };
}

/** Logs where alerts are received, and which sources accept every sender that can reach the port. */
function logged(server: IngestServer, config: IngestConfig, logger: Surroundings['logger']): Runnable {
  return {
    ...server,
    start: async (fatal) => {
      await server.start(fatal);
      logger.info({ port: server.port(), namespace: config.namespace }, 'Receiving alerts');
      const withTokens = tokenFiles(config);
      const open = sources.map(({ name }) => name).filter((name) => !withTokens.has(name));
      if (open.length > 0) logger.warn({ sources: open }, 'Alerts are accepted without a token');
    },
  };
}
