import type { AlertSource, InvolvedObject } from '../crds/alert.ts';

/** One alert of a source in normalized form. Everything is bounded and well-formed: it can be stored as it is. */
export interface IncomingAlert {
  readonly source: AlertSource;
  /** Not empty, at most 253 characters. */
  readonly type: string;
  /** `Unknown` never counts as firing. */
  readonly status: IncomingStatus;
  /**
   * Identifies the alert among those of its source; the same when it fires and when it resolves. At most 256
   * characters.
   */
  readonly fingerprint: string;
  readonly involvedObject: Readonly<InvolvedObject>;
  readonly details: Readonly<Record<string, string>>;
  /** Normalized, see `normaliseSeverity`; the value of the sender stays in `details`. */
  readonly severity?: string;
  /** RFC 3339, by the sender's clock. */
  readonly startsAt?: string;
  /** RFC 3339, by the sender's clock; only of resolved alerts. */
  readonly endsAt?: string;
}

export type IncomingStatus = 'Firing' | 'Resolved' | 'Unknown';

/** One alert of a payload, or why it cannot be read; `index` counts from 0 in the sender's order. */
export type ParsedAlert = { ok: true; alert: IncomingAlert } | { ok: false; index: number; reason: string };

/** A whole payload; `ok: false` when none of it can ever be read. */
export type ParsedPayload =
  { ok: true; alerts: ParsedAlert[]; truncated?: TruncatedGroup } | { ok: false; reason: string };

/** A group that the sender truncated, with what identifies the rest of it. */
export interface TruncatedGroup {
  /** How many alerts were left out. */
  readonly count: number;
  readonly receiver?: string;
  readonly groupLabels: Readonly<Record<string, string>>;
  /** URL of the sender according to the payload: compared with the configured URLs and never followed. */
  readonly claimedUrl?: string;
}

/** The cluster data that a parser may look up. */
export interface ParseContext {
  /** Returns the name of the Node with this host name or address; undefined when none is known. */
  nodeOf(host: string): string | undefined;
}

/** Reads a status; `Resovled` is the spelling of the original. */
export function readStatus(value: unknown): IncomingStatus {
  if (typeof value !== 'string') return 'Unknown';
  switch (value.trim().toLowerCase()) {
    case 'firing':
      return 'Firing';
    case 'resolved':
    case 'resovled':
      return 'Resolved';
    default:
      return 'Unknown';
  }
}
