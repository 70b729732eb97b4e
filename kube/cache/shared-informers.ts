import type { KubeObject, ResourceType } from '../../crds/object.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { RestClient } from '../client/rest.ts';
import { resources } from '../client/resources.ts';
import type { KubeMetrics } from '../metrics.ts';
import { createInformer, type Informer, type InformerOptions } from './informer.ts';

/** Dependencies that all informers of a process share. */
export interface SharedInformersOptions {
  readonly rest: RestClient;
  readonly metrics: KubeMetrics;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** A named statement about informers; fits a process's checks. */
interface InformerCheck {
  readonly name: string;
  /** Holds unless it throws; a returned text is a warning. */
  check(): string | undefined;
}

/** Starts and stops; fits a process's runnables. */
interface InformerRunnable {
  readonly name: string;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** An informer is active at least every three minutes, also while the API server is gone. */
const stuckMs = 10 * 60_000;

/**
 * The informers of one process, shared by everything in it: each kind is listed, watched and held once. Only required
 * informers are started.
 */
export class SharedInformers {
  private readonly options: SharedInformersOptions;
  private readonly informers = new Map<string, Informer<KubeObject>>();
  private readonly required = new Set<string>();
  private readonly stopping = new AbortController();
  private running: Promise<unknown> = Promise.resolve();

  constructor(options: SharedInformersOptions) {
    this.options = options;
  }

  /**
   * Returns the informer of a kind; the first call creates it, with its options.
   *
   * @param options.name tells an informer of selected objects from the one of the whole kind; default: the plural
   */
  of<T extends KubeObject>(
    type: ResourceType<T>,
    { name = type.plural, ...options }: Partial<InformerOptions<T>> & { readonly name?: string } = {},
  ): Informer<T> {
    const known = this.informers.get(name);
    // An informer of that name has been created for that kind.
    if (known !== undefined) return known as unknown as Informer<T>;
    const { rest, metrics, logger, clock } = this.options;
    const informer = createInformer(resources(rest, type), { logger, metrics, clock, ...options });
    this.informers.set(name, informer);
    return informer;
  }

  /** Has these informers started with the others. To be called before the start. */
  require(...names: readonly string[]): void {
    for (const name of names) this.required.add(name);
  }

  /** Starts the required informers without waiting for their first lists; stops all. */
  readonly runnable: InformerRunnable = {
    name: 'informers',
    start: () => {
      this.running = Promise.all(this.started().map(([, informer]) => informer.start(this.stopping.signal)));
      return Promise.resolve();
    },
    stop: async () => {
      this.stopping.abort();
      await this.running;
    },
  };

  /** Returns a runnable whose start lasts until these caches are filled, however long that takes. */
  waitFor(names: readonly string[]): InformerRunnable {
    return {
      name: 'informers-synced',
      start: async () => {
        await Promise.all(names.map((name) => this.named(name).synced));
      },
      stop: () => Promise.resolve(),
    };
  }

  /**
   * Returns a check that fails until these caches have been filled once.
   *
   * @param optional kinds that may be missing, such as those of an Argo that is not installed: a warning instead
   */
  synced(names: readonly string[], optional: readonly string[] = []): InformerCheck {
    const missing = (of: readonly string[]) => of.filter((name) => !this.named(name).hasSynced()).join(', ');
    return {
      name: 'informers-synced',
      check: () => {
        const needed = missing(names);
        if (needed !== '') throw new Error(`not listed yet: ${needed}`);
        const wanted = missing(optional);
        return wanted === '' ? undefined : `not listed yet: ${wanted}`;
      },
    };
  }

  /** Fails when a watch has been inactive for so long that only a restart can help. Covers all started informers. */
  readonly alive: InformerCheck = {
    name: 'informers',
    check: () => {
      const limit = this.options.clock.monotonicMs() - stuckMs;
      const stuck = this.started()
        .filter(([, informer]) => informer.lastActivity() < limit)
        .map(([name]) => name);
      if (stuck.length > 0) throw new Error(`no activity in the watches of ${stuck.join(', ')}`);
      return undefined;
    },
  };

  private started(): [string, Informer<KubeObject>][] {
    return [...this.required].map((name) => [name, this.named(name)]);
  }

  private named(name: string): Informer<KubeObject> {
    const informer = this.informers.get(name);
    if (informer === undefined) throw new Error(`no informer has the name ${name}`);
    return informer;
  }
}
