import type { KubeObject } from '../../crds/object.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Informer } from './informer.ts';

type AnyInformer = Pick<Informer<KubeObject>, 'start' | 'synced' | 'hasSynced' | 'lastActivity'>;

/** A named statement about the informers; fits a process's checks. */
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

/** An informer does something at least every three minutes, also while the API server is gone. */
const stuckMs = 10 * 60_000;

/**
 * The informers of one process, shared by everything in it: each kind is listed, watched and held once. Only the kinds
 * that are required are started.
 */
export class InformerSet<Name extends string> {
  private readonly informers: Readonly<Record<Name, AnyInformer>>;
  private readonly clock: Pick<Clock, 'monotonicMs'>;
  private readonly required = new Set<Name>();
  private readonly stopping = new AbortController();
  private running: Promise<unknown> = Promise.resolve();

  constructor(informers: Readonly<Record<Name, AnyInformer>>, clock: Pick<Clock, 'monotonicMs'>) {
    this.informers = informers;
    this.clock = clock;
  }

  /** Has these informers started with the set. To be called before the start. */
  require(names: readonly Name[]): void {
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
  waitFor(names: readonly Name[]): InformerRunnable {
    return {
      name: 'informers-synced',
      start: async () => {
        await Promise.all(names.map((name) => this.informers[name].synced));
      },
      stop: () => Promise.resolve(),
    };
  }

  /**
   * Returns a check that fails until these caches have been filled once.
   *
   * @param optional kinds that may be missing, such as those of an Argo that is not installed: a warning instead
   */
  synced(names: readonly Name[], optional: readonly Name[] = []): InformerCheck {
    const missing = (of: readonly Name[]) => of.filter((name) => !this.informers[name].hasSynced()).join(', ');
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

  /** Fails when a watch has done nothing for so long that only a restart can help. Covers all started informers. */
  readonly alive: InformerCheck = {
    name: 'informers',
    check: () => {
      const limit = this.clock.monotonicMs() - stuckMs;
      const stuck = this.started()
        .filter(([, informer]) => informer.lastActivity() < limit)
        .map(([name]) => name);
      if (stuck.length > 0) throw new Error(`no activity in the watches of ${stuck.join(', ')}`);
      return undefined;
    },
  };

  private started(): [Name, AnyInformer][] {
    return [...this.required].map((name) => [name, this.informers[name]]);
  }
}
