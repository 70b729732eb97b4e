import type { AlertSource, InvolvedObject } from '../crds/alert.ts';

/** One alert as a source told it, in our words. Everything is bounded and well-formed: it can be stored as it is. */
export interface IncomingAlert {
  readonly source: AlertSource;
  /** Not empty, at most 253 characters. */
  readonly type: string;
  /** `Unknown` is never read as firing. */
  readonly status: IncomingStatus;
  /** What tells this alert from others of its source; equal for the firing and its resolve. At most 256 characters. */
  readonly fingerprint: string;
  readonly involvedObject: Readonly<InvolvedObject>;
  readonly details: Readonly<Record<string, string>>;
  /** Normalised, see `normaliseSeverity`; the sender's own word stays in `details`. */
  readonly severity?: string;
  /** RFC 3339, by the sender's clock. */
  readonly startsAt?: string;
  /** RFC 3339, by the sender's clock; only of resolved alerts. */
  readonly endsAt?: string;
}

export type IncomingStatus = 'Firing' | 'Resolved' | 'Unknown';

/** One alert of a payload, or why it cannot be taken; `index` counts from 0 in the sender's order. */
export type ParsedAlert = { ok: true; alert: IncomingAlert } | { ok: false; index: number; reason: string };

/** A whole payload; `ok: false` when nothing in it can ever be read. */
export type ParsedPayload =
  { ok: true; alerts: ParsedAlert[]; truncated?: TruncatedGroup } | { ok: false; reason: string };

/** A group that the sender cut: what to ask it for the rest. */
export interface TruncatedGroup {
  /** How many alerts were left out. */
  readonly count: number;
  readonly receiver?: string;
  readonly groupLabels: Readonly<Record<string, string>>;
  /** Where the sender says it lives: a claim, to be compared with what is configured and never followed. */
  readonly claimedUrl?: string;
}

/** What a parser may ask of its surroundings. */
export interface ParseContext {
  /** The name of the Node that has this name or address; undefined when there is none or nobody knows. */
  nodeOf(host: string): string | undefined;
}

/** `Resovled` is how the original wrote it. */
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
