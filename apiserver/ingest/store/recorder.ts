import type { AegisAlert } from '../../../crds/alert.ts';
import { labels } from '../../../crds/labels.ts';
import { NamespaceName } from '../../../crds/schema.ts';
import { decideEpisode, type Arrival, type EpisodeDecision } from '../../../alerts/episode.ts';
import {
  episodeObject,
  isEpisodeOf,
  resolveAgainChange,
  resolveChange,
  restartChange,
  type EpisodeChange,
  type EpisodeIdentity,
  type Place,
} from '../../../alerts/episode-object.ts';
import { dedupKey } from '../../../alerts/fingerprint.ts';
import { UnavailableError } from '../../../lib/deadline.ts';
import type { EpisodeIndex } from './episode-index.ts';
import type { KeyedMutex } from '../../../lib/keyed-mutex.ts';
import type { EpisodeLookup } from './episode-lookup.ts';
import type { AlertStore } from './alert-store.ts';
import type { FairSemaphore } from '../../../lib/fair-semaphore.ts';

/** An alert on its way to be stored. */
export interface Submission extends Arrival {
  /** The namespace that was asked for, or the default one. It need not exist, nor even be a valid name. */
  readonly tenant: string;
}

/** The result for one alert. Everything but `rejected` is durable. */
export type Recorded =
  | { outcome: 'created' | 'duplicate' | 'resolved'; alert: AegisAlert }
  | { outcome: 'ignored'; reason: 'Late' | 'AlreadyResolved' | 'NoEpisode' }
  | Rejected;

/** Sending the alert again will not help. */
interface Rejected {
  outcome: 'rejected';
  reason: 'UnknownStatus' | 'RefusedByApi';
  message: string;
}

/** Dependencies of the recorder of alerts. */
export interface RecorderPorts {
  store: AlertStore;
  index: EpisodeIndex;
  lookup: Pick<EpisodeLookup, 'of'>;
  /** Alerts of the same episode are recorded one after the other. */
  mutex: KeyedMutex;
  /** Bounds the alerts that are stored at once, shared fairly between tenants. */
  semaphore: FairSemaphore;
  now(): Date;
  defaultNamespace: string;
}

/** Every round after the first means that another process changed the same alert in between. */
const maxRounds = 12;

/**
 * Stores an alert: as an episode of its own, as a repeat of an open one, or as the end of one. A repeat is not counted
 * here; see `EpisodeWriter`.
 *
 * @throws UnavailableError and what `AlertStore` throws: the sender has to send the alert again
 */
export async function recordEpisode(
  ports: RecorderPorts,
  submission: Submission,
  signal: AbortSignal,
): Promise<Recorded> {
  const { alert, tenant } = submission;
  if (alert.status === 'Unknown') {
    const message = 'the status must be firing or resolved';
    return { outcome: 'rejected', reason: 'UnknownStatus', message };
  }
  const key = dedupKey(alert.source, tenant, alert.fingerprint);
  const repeat = ports.mutex.isHeld(key) ? undefined : asRepeat(ports, submission, key);
  if (repeat !== undefined) return repeat;
  const store = async (): Promise<Recorded> => {
    // The previous holder of the mutex may have stored this very alert.
    const stored = asRepeat(ports, submission, key);
    return stored ?? ports.semaphore.run(tenant, signal, () => settle(ports, submission, key, signal));
  };
  return ports.mutex.run(key, store, signal);
}

/** The common case, without a call to the API server: a firing alert of an episode that is known to be open. */
function asRepeat(ports: RecorderPorts, submission: Submission, key: string): Recorded | undefined {
  const decision = decideEpisode(submission, ports.index.episodesOf(key), ports.now());
  return decision.action === 'duplicate' ? { outcome: 'duplicate', alert: decision.of } : undefined;
}

/** State of recording one alert that lasts across rounds. */
interface RecordState {
  submission: Submission;
  key: string;
  place: Place;
  collision: number;
  /** An episode of the right name that lost the label by which the index finds it. */
  unlabelled?: AegisAlert | undefined;
  /** Whether the episodes were read from the API server. */
  asked: boolean;
  /** The last episode that was resolved; there may be more than one open. */
  resolved?: AegisAlert;
  signal: AbortSignal;
}

/** Decides and acts until a decision holds: when its basis turns out to be out of date, it decides again. */
async function settle(
  ports: RecorderPorts,
  submission: Submission,
  key: string,
  signal: AbortSignal,
): Promise<Recorded> {
  const place = placeOf(submission.tenant, ports.defaultNamespace);
  const state: RecordState = { submission, key, place, collision: 0, asked: false, signal };
  for (let round = 0; round < maxRounds; round += 1) {
    if (signal.aborted) break;
    const known = ports.index.episodesOf(key);
    const { unlabelled } = state;
    const decision = decideEpisode(submission, unlabelled ? [...known, unlabelled] : known, ports.now());
    const recorded = await act(ports, state, decision);
    if (recorded !== undefined) return recorded;
  }
  throw new UnavailableError('the alert could not be stored in time');
}

/** Returns undefined when the decision was based on outdated state. */
async function act(ports: RecorderPorts, state: RecordState, decision: EpisodeDecision): Promise<Recorded | undefined> {
  const { submission } = state;
  switch (decision.action) {
    case 'create':
      return create(ports, state, decision.episode);
    case 'duplicate':
      return { outcome: 'duplicate', alert: decision.of };
    case 'restart': {
      const result = await change(ports, state, decision.of, restartChange(decision.startsAt));
      return result?.outcome === 'changed' ? { outcome: 'duplicate', alert: result.alert } : result;
    }
    case 'resolve': {
      const result = await change(ports, state, decision.of, resolveChange(decision.endsAt, submission.receivedAt));
      if (result?.outcome !== 'changed') return result;
      // Decide again: replicas that did not see each other's writes may have opened two.
      state.resolved = result.alert;
      return undefined;
    }
    case 'resolveAgain': {
      if (!state.asked || state.resolved !== undefined) return ignore(ports, state, 'AlreadyResolved');
      const result = await change(ports, state, decision.of, resolveAgainChange(submission.receivedAt));
      return result?.outcome === 'changed' ? { outcome: 'ignored', reason: 'AlreadyResolved' } : result;
    }
    case 'ignore':
      return ignore(ports, state, decision.reason);
  }
}

async function create(ports: RecorderPorts, state: RecordState, episode: number): Promise<Recorded | undefined> {
  const identity: EpisodeIdentity = { key: state.key, episode, collision: state.collision };
  const object = episodeObject(state.submission, identity, state.place);
  const result = await ports.store.create(object, state.signal);
  switch (result.outcome) {
    case 'created':
      ports.index.learn(result.alert);
      return { outcome: 'created', alert: result.alert };
    case 'refused':
      return { outcome: 'rejected', reason: 'RefusedByApi', message: result.reason };
    case 'noNamespace':
      if (state.place.namespace === ports.defaultNamespace) {
        throw new UnavailableError(`namespace ${ports.defaultNamespace} does not exist`);
      }
      state.place = { namespace: ports.defaultNamespace, requestedNamespace: state.submission.tenant };
      return undefined;
    case 'exists': {
      const { name } = object.metadata;
      const existing = await ports.store.get(state.place.namespace, name, state.signal);
      if (existing === undefined) return undefined;
      if (isEpisodeOf(existing, state.key, state.submission.alert)) learn(ports, state, existing);
      else state.collision += 1;
      return undefined;
    }
  }
}

/** Changes an episode; undefined when it was not as expected, and a new decision is needed. */
async function change(
  ports: RecorderPorts,
  state: RecordState,
  alert: AegisAlert,
  what: EpisodeChange,
): Promise<{ outcome: 'changed'; alert: AegisAlert } | Rejected | undefined> {
  const result = await ports.store.change(alert, what, state.signal);
  switch (result.outcome) {
    case 'changed':
      learn(ports, state, result.alert);
      return { outcome: 'changed', alert: result.alert };
    case 'refused':
      return { outcome: 'rejected', reason: 'RefusedByApi', message: result.reason };
    case 'stale': {
      const { namespace = '', name } = alert.metadata;
      const now = await ports.store.get(namespace, name, state.signal);
      state.unlabelled = undefined;
      if (now?.metadata.uid !== alert.metadata.uid) ports.index.learnGone(alert);
      if (now !== undefined) learn(ports, state, now);
      return undefined;
    }
  }
}

function learn(ports: RecorderPorts, state: RecordState, alert: AegisAlert): void {
  ports.index.learn(alert);
  if (alert.metadata.labels?.[labels.dedupKey] === undefined) state.unlabelled = alert;
}

/** A resolve is sent once: before it is dropped, the API server is asked for episodes that the watch has not shown yet. */
async function ignore(
  ports: RecorderPorts,
  state: RecordState,
  reason: 'Late' | 'AlreadyResolved' | 'NoEpisode',
): Promise<Recorded | undefined> {
  if (state.resolved !== undefined) return { outcome: 'resolved', alert: state.resolved };
  if (state.submission.alert.status === 'Resolved' && reason !== 'Late' && !state.asked) {
    state.asked = true;
    for (const alert of await ports.lookup.of(state.key, state.signal)) ports.index.learn(alert);
    return undefined;
  }
  return { outcome: 'ignored', reason };
}

function placeOf(tenant: string, defaultNamespace: string): Place {
  if (NamespaceName.safeParse(tenant).success) return { namespace: tenant };
  return { namespace: defaultNamespace, requestedNamespace: tenant };
}

/** Returns the requested namespace of an alert that had to be stored in another one. */
export function requestedNamespaceOf(alert: AegisAlert): string | undefined {
  return alert.metadata.labels?.[labels.requestedNamespace];
}
