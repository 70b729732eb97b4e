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
import type { LiveEpisodes } from './episode-lookup.ts';
import type { AlertStore } from './alert-store.ts';
import type { FairSemaphore } from '../../../lib/fair-semaphore.ts';

/** An alert on its way to be stored. */
export interface Submission extends Arrival {
  /** The namespace that was asked for, or the default one. It need not exist, nor even be a valid name. */
  readonly tenant: string;
}

/** What became of an alert. Everything but `rejected` is durable. */
export type Recorded =
  | { outcome: 'created' | 'duplicate' | 'resolved'; alert: AegisAlert }
  | { outcome: 'ignored'; reason: 'Late' | 'AlreadyResolved' | 'NoEpisode' }
  /** Sending it again will not help. */
  | { outcome: 'rejected'; reason: 'UnknownStatus' | 'RefusedByApi'; message: string };

/** Stores alerts: each as an episode of its own, a repeat of one, or its end. */
export interface Recorder {
  /** @throws what may pass, UnavailableError among it: the sender has to come again */
  record(submission: Submission, signal: AbortSignal): Promise<Recorded>;
}

export interface RecorderPorts {
  store: AlertStore;
  index: EpisodeIndex;
  live: LiveEpisodes;
  locks: KeyedMutex;
  turns: FairSemaphore;
  /** Counts a repeat, later. */
  countRepeat(of: AegisAlert, submission: Submission): void;
  now(): Date;
  defaultNamespace: string;
}

/** Every further round needs somebody else to have changed the same alert in between. */
const maxRounds = 12;

export function createRecorder(ports: RecorderPorts): Recorder {
  return { record: (submission, signal) => record(ports, submission, signal) };
}

async function record(ports: RecorderPorts, submission: Submission, signal: AbortSignal): Promise<Recorded> {
  const { alert, tenant } = submission;
  if (alert.status === 'Unknown') {
    const message = 'the status is neither firing nor resolved, and is not guessed';
    return { outcome: 'rejected', reason: 'UnknownStatus', message };
  }
  const key = dedupKey(alert.source, tenant, alert.fingerprint);
  const repeat = ports.locks.isHeld(key) ? undefined : asRepeat(ports, submission, key);
  if (repeat !== undefined) return repeat;
  const store = async (): Promise<Recorded> => {
    // The previous holder of the mutex may have stored this very alert.
    const stored = asRepeat(ports, submission, key);
    return stored ?? ports.turns.run(tenant, signal, () => settle(ports, submission, key, signal));
  };
  return ports.locks.run(key, store, signal);
}

/** The common case, without a call to the API server: a firing of an episode that is known to go on. */
function asRepeat(ports: RecorderPorts, submission: Submission, key: string): Recorded | undefined {
  const decision = decideEpisode(submission, ports.index.episodesOf(key), ports.now());
  if (decision.action !== 'duplicate') return undefined;
  ports.countRepeat(decision.of, submission);
  return { outcome: 'duplicate', alert: decision.of };
}

/** What one alert needs across rounds. */
interface Attempt {
  submission: Submission;
  key: string;
  place: Place;
  collision: number;
  /** An episode that has the right name and lost the label by which the index would find it. */
  unlabelled?: AegisAlert | undefined;
  /** Whether the API server itself was asked which episodes there are. */
  asked: boolean;
  /** The last episode that was resolved; there may be more than one open. */
  resolved?: AegisAlert;
  signal: AbortSignal;
}

/** Decides and acts until a decision holds: whatever is found out of date on the way leads to a new decision. */
async function settle(
  ports: RecorderPorts,
  submission: Submission,
  key: string,
  signal: AbortSignal,
): Promise<Recorded> {
  const place = placeOf(submission.tenant, ports.defaultNamespace);
  const attempt: Attempt = { submission, key, place, collision: 0, asked: false, signal };
  for (let round = 0; round < maxRounds; round += 1) {
    if (signal.aborted) break;
    const known = ports.index.episodesOf(key);
    const { unlabelled } = attempt;
    const decision = decideEpisode(submission, unlabelled ? [...known, unlabelled] : known, ports.now());
    const recorded = await act(ports, attempt, decision);
    if (recorded !== undefined) return recorded;
  }
  throw new UnavailableError('the alert could not be stored in time');
}

/** Undefined when the decision was made on something out of date. */
async function act(ports: RecorderPorts, attempt: Attempt, decision: EpisodeDecision): Promise<Recorded | undefined> {
  const { submission } = attempt;
  switch (decision.action) {
    case 'create':
      return create(ports, attempt, decision.episode);
    case 'duplicate':
      ports.countRepeat(decision.of, submission);
      return { outcome: 'duplicate', alert: decision.of };
    case 'restart': {
      const result = await change(ports, attempt, decision.of, restartChange(decision.startsAt));
      if (result?.outcome === 'duplicate') ports.countRepeat(result.alert, submission);
      return result;
    }
    case 'resolve': {
      const result = await change(ports, attempt, decision.of, resolveChange(decision.endsAt, submission.receivedAt));
      if (result?.outcome !== 'duplicate') return result;
      // Look again: replicas that saw nothing of each other may have opened two.
      attempt.resolved = result.alert;
      return undefined;
    }
    case 'resolveAgain': {
      if (!attempt.asked || attempt.resolved !== undefined) return ignore(ports, attempt, 'AlreadyResolved');
      const result = await change(ports, attempt, decision.of, resolveAgainChange(submission.receivedAt));
      return result?.outcome === 'duplicate' ? { outcome: 'ignored', reason: 'AlreadyResolved' } : result;
    }
    case 'ignore':
      return ignore(ports, attempt, decision.reason);
  }
}

async function create(ports: RecorderPorts, attempt: Attempt, episode: number): Promise<Recorded | undefined> {
  const identity: EpisodeIdentity = { key: attempt.key, episode, collision: attempt.collision };
  const object = episodeObject(attempt.submission, identity, attempt.place);
  const result = await ports.store.create(object, attempt.signal);
  switch (result.outcome) {
    case 'created':
      ports.index.learn(result.alert);
      return { outcome: 'created', alert: result.alert };
    case 'refused':
      return { outcome: 'rejected', reason: 'RefusedByApi', message: result.reason };
    case 'noNamespace':
      if (attempt.place.namespace === ports.defaultNamespace) {
        throw new UnavailableError(`namespace ${ports.defaultNamespace} does not exist`);
      }
      attempt.place = { namespace: ports.defaultNamespace, requestedNamespace: attempt.submission.tenant };
      return undefined;
    case 'exists': {
      const { name } = object.metadata;
      const existing = await ports.store.get(attempt.place.namespace, name, attempt.signal);
      if (existing === undefined) return undefined;
      if (isEpisodeOf(existing, attempt.key, attempt.submission.alert)) learn(ports, attempt, existing);
      else attempt.collision += 1;
      return undefined;
    }
  }
}

/** `duplicate` stands for "changed"; the caller knows what it has changed. */
async function change(
  ports: RecorderPorts,
  attempt: Attempt,
  alert: AegisAlert,
  what: EpisodeChange,
): Promise<Extract<Recorded, { alert: AegisAlert }> | Extract<Recorded, { outcome: 'rejected' }> | undefined> {
  const result = await ports.store.change(alert, what, attempt.signal);
  switch (result.outcome) {
    case 'changed':
      learn(ports, attempt, result.alert);
      return { outcome: 'duplicate', alert: result.alert };
    case 'refused':
      return { outcome: 'rejected', reason: 'RefusedByApi', message: result.reason };
    case 'stale': {
      const { namespace = '', name } = alert.metadata;
      const now = await ports.store.get(namespace, name, attempt.signal);
      attempt.unlabelled = undefined;
      if (now?.metadata.uid !== alert.metadata.uid) ports.index.learnGone(alert);
      if (now !== undefined) learn(ports, attempt, now);
      return undefined;
    }
  }
}

function learn(ports: RecorderPorts, attempt: Attempt, alert: AegisAlert): void {
  ports.index.learn(alert);
  if (alert.metadata.labels?.[labels.dedupKey] === undefined) attempt.unlabelled = alert;
}

/** A resolve is sent once: before it is dropped, the API server is asked for episodes that the watch has not shown yet. */
async function ignore(
  ports: RecorderPorts,
  attempt: Attempt,
  reason: 'Late' | 'AlreadyResolved' | 'NoEpisode',
): Promise<Recorded | undefined> {
  if (attempt.resolved !== undefined) return { outcome: 'resolved', alert: attempt.resolved };
  if (attempt.submission.alert.status === 'Resolved' && reason !== 'Late' && !attempt.asked) {
    attempt.asked = true;
    for (const alert of await ports.live.of(attempt.key, attempt.signal)) ports.index.learn(alert);
    return undefined;
  }
  return { outcome: 'ignored', reason };
}

function placeOf(tenant: string, defaultNamespace: string): Place {
  if (NamespaceName.safeParse(tenant).success) return { namespace: tenant };
  return { namespace: defaultNamespace, requestedNamespace: tenant };
}

/** The namespace that was asked for where the alert had to be kept elsewhere. */
export function requestedNamespaceOf(alert: AegisAlert): string | undefined {
  return alert.metadata.labels?.[labels.requestedNamespace];
}
