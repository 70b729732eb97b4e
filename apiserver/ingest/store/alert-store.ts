import type { AegisAlert } from '../../../crds/alert.ts';
import type { EpisodeChange } from '../../../alerts/episode-object.ts';

/**
 * The API server as the ingest sees it. Failures that may pass (no connection, timeout, 5xx, 429, missing rights) are
 * thrown; whether a write has happened is then unknown.
 */
export interface AlertStore {
  create(alert: AegisAlert, signal: AbortSignal): Promise<CreateResult>;
  /** Reads the object from the API server, not from a cache; undefined when there is none. */
  get(namespace: string, name: string, signal: AbortSignal): Promise<AegisAlert | undefined>;
  /** Reads the episodes of these keys in all namespaces. */
  listByKeys(keys: readonly string[], signal: AbortSignal): Promise<AegisAlert[]>;
  /** Changes metadata and spec if the object is still as given. */
  change(alert: AegisAlert, change: EpisodeChange, signal: AbortSignal): Promise<ChangeResult>;
  /** Writes the fields of the status that the ingest owns if the object is still as given. */
  writeSeen(alert: AegisAlert, seen: Seen, signal: AbortSignal): Promise<ChangeResult>;
}

export type CreateResult =
  | { outcome: 'created'; alert: AegisAlert }
  /** An object of this name exists. */
  | { outcome: 'exists' }
  /** The namespace does not exist or is terminating. */
  | { outcome: 'noNamespace' }
  /** The API server will never accept this object. */
  | { outcome: 'refused'; reason: string };

export type ChangeResult =
  | { outcome: 'changed'; alert: AegisAlert }
  /** The object has changed or no longer exists. */
  | { outcome: 'stale' }
  | { outcome: 'refused'; reason: string };

/** How often and when an alert was received last. */
export interface Seen {
  count: number;
  /** RFC 3339 */
  lastSeenTime: string;
}
