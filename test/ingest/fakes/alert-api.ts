import type { AegisAlert } from '../../../crds/alert.ts';
import { labels } from '../../../crds/labels.ts';
import type { EpisodeChange } from '../../../alerts/episode-object.ts';
import type { AlertStore, ChangeResult, CreateResult } from '../../../apiserver/ingest/store/alert-store.ts';

export type Operation = 'create' | 'get' | 'list' | 'change' | 'writeSeen';

/** The alerts of an API server in memory: unique names, resource versions, conflicts, faults on demand. */
export class AlertApi {
  readonly objects = new Map<string, AegisAlert>();
  readonly namespaces = new Set(['monitoring', 'team-a']);
  readonly calls: Operation[] = [];
  /** Everything that happened, for watches: the object, or its last state when it went. */
  readonly events: { alert: AegisAlert; gone: boolean }[] = [];
  /** Called before each operation; throwing there is a failure, waiting is a slow server. */
  before: (operation: Operation, signal: AbortSignal) => Promise<void> = () => Promise.resolve();
  /** Called after each operation that has written: throwing there is an answer that got lost. */
  after: (operation: Operation) => void = () => undefined;
  refuse: (alert: AegisAlert) => string | undefined = () => undefined;
  #version = 0;

  readonly store: AlertStore = {
    create: async (alert, signal): Promise<CreateResult> => {
      await this.#begin('create', signal);
      const reason = this.refuse(alert);
      if (reason !== undefined) return { outcome: 'refused', reason };
      if (!this.namespaces.has(alert.metadata.namespace ?? '')) return { outcome: 'noNamespace' };
      if (this.objects.has(idOf(alert))) return { outcome: 'exists' };
      const created = this.put({ ...alert, metadata: { ...alert.metadata, uid: crypto.randomUUID() } });
      this.after('create');
      return { outcome: 'created', alert: created };
    },
    get: async (namespace, name, signal) => {
      await this.#begin('get', signal);
      return this.objects.get(`${namespace}/${name}`);
    },
    listByKeys: async (keys, signal) => {
      await this.#begin('list', signal);
      return [...this.objects.values()].filter((alert) =>
        keys.includes(alert.metadata.labels?.[labels.dedupKey] ?? ''),
      );
    },
    change: async (alert, change, signal): Promise<ChangeResult> => {
      await this.#begin('change', signal);
      const now = this.#unchanged(alert);
      if (now === undefined) return { outcome: 'stale' };
      const changed = this.put(applied(now, change));
      this.after('change');
      return { outcome: 'changed', alert: changed };
    },
    writeSeen: async (alert, seen, signal): Promise<ChangeResult> => {
      await this.#begin('writeSeen', signal);
      const now = this.#unchanged(alert);
      if (now === undefined) return { outcome: 'stale' };
      const changed = this.put({ ...now, status: { ...now.status, ...seen } });
      this.after('writeSeen');
      return { outcome: 'changed', alert: changed };
    },
  };

  put(alert: AegisAlert): AegisAlert {
    this.#version += 1;
    const stored = structuredClone(alert);
    stored.metadata.uid ??= crypto.randomUUID();
    stored.metadata.resourceVersion = String(this.#version);
    this.objects.set(idOf(stored), stored);
    this.events.push({ alert: stored, gone: false });
    return stored;
  }

  delete(alert: AegisAlert): void {
    this.#version += 1;
    this.objects.delete(idOf(alert));
    this.events.push({ alert, gone: true });
  }

  /** The open episodes. */
  open(): AegisAlert[] {
    return [...this.objects.values()].filter(({ spec }) => spec.status === 'Firing');
  }

  async #begin(operation: Operation, signal: AbortSignal): Promise<void> {
    this.calls.push(operation);
    await this.before(operation, signal);
    signal.throwIfAborted();
  }

  #unchanged(alert: AegisAlert): AegisAlert | undefined {
    const now = this.objects.get(idOf(alert));
    return now?.metadata.resourceVersion === alert.metadata.resourceVersion ? now : undefined;
  }
}

function idOf({ metadata }: AegisAlert): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

function applied(alert: AegisAlert, { annotations, spec }: EpisodeChange): AegisAlert {
  const details = (spec?.['details'] ?? {}) as Record<string, string | null>;
  const merged = Object.entries({ ...alert.spec.details, ...details }).filter(([, value]) => value !== null);
  return {
    ...alert,
    metadata: { ...alert.metadata, annotations: { ...alert.metadata.annotations, ...annotations } },
    spec: { ...alert.spec, ...spec, details: Object.fromEntries(merged) as Record<string, string> },
  };
}
