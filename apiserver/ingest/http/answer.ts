import { type Recorded, requestedNamespaceOf } from '../store/recorder.ts';

/** The result for one alert of a payload; `failed`: it is not durable, and sending it again may help. */
export type AlertResult =
  Recorded | { outcome: 'rejected'; reason: 'Unreadable'; message: string } | { outcome: 'failed'; message: string };

interface AlertProblem {
  /** Counts from 0 in the sender's order. */
  index: number;
  reason: string;
}

/** The answer to a payload that could be read. */
export interface Answer {
  /** created + duplicates + resolved */
  accepted: number;
  created: number;
  duplicates: number;
  resolved: number;
  /** Late or without an episode: nothing was changed. */
  ignored: number;
  /** Sending these again will not help. */
  rejected: AlertProblem[];
  /** Only in answers that ask the sender to send the payload again. */
  failed?: AlertProblem[];
  reason?: 'NotStored';
  message?: string;
  /** Hints for the administrator of the sender. */
  notices?: string[];
}

/** A longer list would add nothing. */
const maxProblems = 1_000;

/** Returns 200 when everything that can be stored is durable, 503 when the sender has to send the payload again. */
export function answerOf(results: readonly AlertResult[]): { status: 200 | 503; body: Answer } {
  const body: Answer = { accepted: 0, created: 0, duplicates: 0, resolved: 0, ignored: 0, rejected: [] };
  const failed: AlertProblem[] = [];
  let failures = 0;
  const notices = new Set<string>();
  for (const [index, result] of results.entries()) {
    switch (result.outcome) {
      case 'created':
      case 'duplicate':
      case 'resolved':
        body.accepted += 1;
        body[counters[result.outcome]] += 1;
        addNotice(notices, result);
        break;
      case 'ignored':
        body.ignored += 1;
        break;
      case 'rejected':
        if (body.rejected.length < maxProblems) body.rejected.push({ index, reason: result.message });
        break;
      case 'failed':
        failures += 1;
        if (failed.length < maxProblems) failed.push({ index, reason: result.message });
        break;
    }
  }
  if (notices.size > 0) body.notices = [...notices];
  if (failures === 0) return { status: 200, body };
  const message = `${failures} of ${results.length} alerts could not be stored; send all of them again`;
  return { status: 503, body: { reason: 'NotStored', message, ...body, failed } };
}

const counters = { created: 'created', duplicate: 'duplicates', resolved: 'resolved' } as const;

function addNotice(notices: Set<string>, { alert }: Extract<Recorded, { outcome: keyof typeof counters }>): void {
  const requested = requestedNamespaceOf(alert);
  if (requested === undefined || notices.size > 0) return;
  const { namespace = '' } = alert.metadata;
  notices.add(
    `namespace ${JSON.stringify(requested)} does not exist: the alerts are stored in ${JSON.stringify(namespace)}`,
  );
}
