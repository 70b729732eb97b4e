import type { KubeObject, ObjectMeta } from '../../crds/object.ts';
import { ApiError } from '../../kube/client/api-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { ApplyOptions } from '../../kube/client/resources.ts';
import { desiredApiService, desiredWebhooks, includes, type Registrant } from './desired.ts';
import type { Publication } from '../certificates/publication.ts';
import type { ApiserviceMetrics } from '../metrics.ts';
import { periodic, type Periodic } from '../../lib/periodic.ts';
import {
  apiServiceName,
  apiServices,
  ownerOf,
  readRegistered,
  type ApiService,
  type Registered,
  type RegistrationClients,
  type WebhookConfiguration,
} from './registered.ts';

/** A condition of the registration, such as a check of the process. */
export interface Gate {
  readonly name: string;
  check(): Promise<string | undefined> | string | undefined;
}

export interface RegistrationOptions {
  readonly clients: RegistrationClients;
  readonly registrant: Registrant;
  /** Notified when the API is registered; shared with the certificates. */
  readonly publication: Pick<Publication, 'noteRegistered'>;
  /**
   * Reads what clients must trust now, as PEM; undefined when another controller sets it.
   */
  readonly bundle: () => Promise<string | undefined>;
  /** All must hold before the first registration: a registered server that does not answer blocks other clients. */
  readonly gates: readonly Gate[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: ApiserviceMetrics;
  /** Milliseconds between two checks; default one minute. */
  readonly intervalMs?: number | undefined;
}

/** Keeps the APIService and the webhook configuration in their desired state. */
export interface Registration {
  /** To be started after the servers. */
  readonly part: Periodic;
  /** Never fails, since the ingest must not depend on it; returns the problem. */
  readonly check: { readonly name: string; check(): string | undefined };
}

/** One object to keep. */
interface Target {
  readonly actual: KubeObject | undefined;
  readonly desired: KubeObject;
  readonly apply: (metadata: ObjectMeta, options: ApplyOptions) => Promise<unknown>;
}

/** Field manager of the registration. */
const fieldManager = 'aegis-registration';
const defaultIntervalMs = 60_000;
/** Milliseconds until the next try after a failure. */
const retryMs = 1_000;

/**
 * Registers this server, and reverts changes. An object that is deleted while this process runs stays deleted: an
 * uninstallation, or the removal of a webhook in an emergency, must not be undone. A restart registers again.
 */
export function createRegistration(options: RegistrationOptions): Registration {
  const {
    clients,
    registrant,
    publication,
    bundle,
    gates,
    clock,
    logger,
    metrics,
    intervalMs = defaultIntervalMs,
  } = options;
  const seen = new Set<string>();
  let problem: string | undefined = 'not registered yet';

  const setProblem = (now: string | undefined, fields: object = {}): void => {
    if (now !== undefined && now !== problem)
      logger.warn({ ...fields, problem: now }, 'Registration differs from the desired state');
    problem = now;
  };

  const reconcile = async (signal: AbortSignal): Promise<void> => {
    if (seen.size === 0) await pass(gates);
    // Current objects first, then the bundle: a write based on an old bundle is a conflict.
    const before = await readRegistered(clients, registrant, signal);
    observe(before, metrics);
    const owner = ownerOf(before, registrant.service);
    metrics.registered.set(before.apiService !== undefined && owner === undefined ? 1 : 0);
    if (owner !== undefined) {
      setProblem(`the registered objects belong to ${owner}; delete them if it is not in use any more`);
      return;
    }
    // Then the Secret with the authorities may be deleted as well.
    if (before.apiService === undefined && seen.has(apiServices.kind)) {
      setProblem(deletedMessage(apiServiceName(registrant)));
      return;
    }
    const caBundle = await bundle();
    const targets = targetsOf(clients, before, {
      apiService: desiredApiService(registrant, caBundle),
      webhooks: desiredWebhooks(registrant, caBundle),
    });
    const gone: string[] = [];
    for (const target of targets) if (!(await settle(target, signal))) gone.push(target.desired.metadata.name);
    metrics.registered.set(gone.length === 0 ? 1 : 0);
    setProblem(gone.length === 0 ? undefined : deletedMessage(gone.join(', ')));
  };

  /** Returns false for an object that existed and was deleted. */
  const settle = async ({ desired, actual, apply }: Target, signal: AbortSignal): Promise<boolean> => {
    const { kind } = desired;
    const { name } = desired.metadata;
    if (actual === undefined && seen.has(kind)) return false;
    if (actual === undefined || !includes(actual, desired)) {
      const { uid, resourceVersion } = actual?.metadata ?? {};
      const precondition = uid === undefined || resourceVersion === undefined ? {} : { uid, resourceVersion };
      await apply({ ...desired.metadata, ...precondition }, { fieldManager, force: true, signal });
      logger.info({ kind, name, created: actual === undefined }, 'Registered');
    }
    seen.add(kind);
    if (kind === apiServices.kind) publication.noteRegistered();
    return true;
  };

  const work = async (signal: AbortSignal): Promise<number> => {
    try {
      await reconcile(signal);
      return intervalMs;
    } catch (error) {
      if (signal.aborted) return intervalMs;
      const waiting = error instanceof GateClosed;
      if (!waiting) {
        metrics.registrationFailures.inc();
        // A conflict, most likely with another replica that writes the same content.
        const level = error instanceof ApiError && error.retry.kind === 'conflict' ? 'debug' : 'warn';
        logger[level]({ err: error }, 'Could not register');
      }
      problem ??= 'the last check failed';
      return Math.min(intervalMs, retryMs);
    }
  };

  return {
    part: periodic({ name: 'registration', clock, periodMs: intervalMs, work, logger, runAtStart: true }),
    check: { name: 'registration', check: () => problem },
  };
}

function targetsOf(
  clients: RegistrationClients,
  before: Registered,
  desired: { readonly apiService: ApiService; readonly webhooks: WebhookConfiguration | undefined },
): Target[] {
  const { apiService, webhooks } = desired;
  return [
    // Before the API, so that once it is available every object is validated.
    ...(webhooks === undefined
      ? []
      : [
          {
            actual: before.webhooks,
            desired: webhooks,
            apply: (metadata: ObjectMeta, options: ApplyOptions) =>
              clients.webhooks.apply({ ...webhooks, metadata }, options),
          },
        ]),
    {
      actual: before.apiService,
      desired: apiService,
      apply: (metadata, options) => clients.apiServices.apply({ ...apiService, metadata }, options),
    },
  ];
}

function deletedMessage(names: string): string {
  return `deleted, and not created again until a restart: ${names}`;
}

class GateClosed extends Error {
  override readonly name = 'GateClosed';
}

async function pass(gates: readonly Gate[]): Promise<void> {
  for (const gate of gates) {
    try {
      await gate.check();
    } catch (cause) {
      throw new GateClosed(`waiting for ${gate.name}`, { cause });
    }
  }
}

function observe({ apiService }: Registered, { available }: ApiserviceMetrics): void {
  const condition = apiService?.status?.conditions?.find(({ type }) => type === 'Available');
  available.set(condition?.status === 'True' ? 1 : 0);
}
