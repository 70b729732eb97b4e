import type { AegisAlert } from '../crds/alert.ts';
import { labels } from '../crds/labels.ts';
import { alertName } from '../crds/names.ts';
import { orderAnnotations, type Arrival } from './episode.ts';
import type { IncomingAlert } from './incoming.ts';

/** Where an alert is kept. */
export interface Place {
  readonly namespace: string;
  /** The namespace that was asked for, when the alert cannot be kept there. */
  readonly requestedNamespace?: string;
}

/** Which episode of which alert an object is. */
export interface EpisodeIdentity {
  /** See `dedupKey`. */
  readonly key: string;
  /** 1 for the first. */
  readonly episode: number;
  /** 0 unless the names before it belong to alerts with other keys. */
  readonly collision: number;
}

/** The object of a new episode. The same identity always gives the same name. */
export function episodeObject({ alert }: Arrival, identity: EpisodeIdentity, place: Place): AegisAlert {
  return {
    apiVersion: 'aegis.io/v1alpha1',
    kind: 'AegisAlert',
    metadata: {
      name: episodeName(alert, identity),
      namespace: place.namespace,
      labels: {
        [labels.managedBy]: 'aegis',
        [labels.source]: alert.source,
        [labels.dedupKey]: identity.key,
        [labels.episode]: String(identity.episode),
        ...(place.requestedNamespace === undefined
          ? {}
          : { [labels.requestedNamespace]: labelValue(place.requestedNamespace) }),
      },
    },
    spec: {
      source: alert.source,
      type: alert.type,
      status: 'Firing',
      fingerprint: alert.fingerprint,
      involvedObject: alert.involvedObject,
      details: alert.details,
      trust: 'Parsed',
      ...(alert.severity === undefined ? {} : { severity: alert.severity }),
      ...(alert.startsAt === undefined ? {} : { startsAt: alert.startsAt }),
    },
  };
}

/** The name of an episode; names hold few characters of the key, so another alert's episode may have it already. */
export function episodeName({ source, type }: IncomingAlert, { key, episode, collision }: EpisodeIdentity): string {
  return alertName(source, type, collision === 0 ? key : `${key}/${collision}`, episode);
}

/** Whether an object with an episode's name is an episode of this key, and not of another one that shares the name. */
export function isEpisodeOf(object: AegisAlert, key: string, { source, fingerprint }: IncomingAlert): boolean {
  const label = object.metadata.labels?.[labels.dedupKey];
  // A user may have removed the label; the rest of the identity is compared then.
  if (label !== undefined && label !== key) return false;
  return object.spec.source === source && object.spec.fingerprint === fingerprint;
}

/** A change of an episode, as a merge patch of metadata and spec. */
export interface EpisodeChange {
  annotations?: Record<string, string>;
  spec?: Record<string, unknown>;
}

/** Ends an episode. */
export function resolveChange(endsAt: string, receivedAt: Date): EpisodeChange {
  return {
    annotations: { [orderAnnotations.resolvedAt]: receivedAt.toISOString() },
    spec: { status: 'Resolved', endsAt },
  };
}

/** Records another resolve of an episode that has ended. */
export function resolveAgainChange(receivedAt: Date): EpisodeChange {
  return { annotations: { [orderAnnotations.resolvedAt]: receivedAt.toISOString() } };
}

/** Records a later start of an episode that goes on. */
export function restartChange(startsAt: string): EpisodeChange {
  return { annotations: { [orderAnnotations.lastStartsAt]: startsAt } };
}

/** Replaces what an episode says besides its identity; undefined when it says that already. */
export function factsChange(object: AegisAlert, { details, severity }: IncomingAlert): EpisodeChange | undefined {
  const stored = object.spec.details ?? {};
  const gone = Object.keys(stored).filter((key) => !Object.hasOwn(details, key));
  const changed = Object.entries(details).filter(([key, value]) => stored[key] !== value);
  const severer = severity !== undefined && severity !== object.spec.severity;
  if (gone.length === 0 && changed.length === 0 && !severer) return undefined;
  const patch = Object.create(null) as Record<string, string | null>;
  for (const key of gone) patch[key] = null;
  for (const [key, value] of changed) patch[key] = value;
  return { spec: { details: patch, ...(severer ? { severity } : {}) } };
}

function labelValue(text: string): string {
  return text
    .replaceAll(/[^A-Za-z0-9._-]/g, '_')
    .slice(0, 63)
    .replaceAll(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
}
