import { leftOutKey, textOf } from '../../alerts/bounds.ts';
import type { IncomingAlert, ParsedAlert } from '../../alerts/incoming.ts';
import { parseJsonBytes } from '../../lib/json.ts';
import { errorMessage } from '../../process/error-fields.ts';
import type { AlertResult } from './http/answer.ts';
import type { DeadLetter } from './dead-letters/dead-letters.ts';
import type { IngestMetrics } from './metrics.ts';
import type { EpisodeWriter } from './store/episode-writer.ts';
import type { RequestLog } from './http/request-log.ts';

/** The alerts of one payload. */
export interface Payload {
  readonly source: string;
  readonly alerts: readonly ParsedAlert[];
  /** See `Submission`. */
  readonly tenant: string;
  /** The body as it was sent, for dead letters; absent for alerts that were read from Alertmanager. */
  readonly content?: Buffer;
}

/** Stores payloads alert by alert: no alert waits for another, and none is lost because of another. */
export interface Intake {
  /** Returns one result for each alert, in their order. Never rejects. */
  take(payload: Payload, deadline: AbortSignal): Promise<AlertResult[]>;
}

export interface IntakePorts {
  writer: Pick<EpisodeWriter, 'record'>;
  metrics: IngestMetrics;
  log: RequestLog;
  keepDeadLetter(letter: DeadLetter): void;
  now(): Date;
}

export function createIntake(ports: IntakePorts): Intake {
  return {
    take: async (payload, deadline) => {
      const receivedAt = ports.now();
      return Promise.all(
        payload.alerts.map(async (parsed, index) => {
          const result = await record(ports, parsed, { ...payload, receivedAt }, deadline);
          ports.metrics.alerts.inc({ source: payload.source, outcome: result.outcome });
          if (result.outcome === 'ignored')
            ports.metrics.ignored.inc({ source: payload.source, reason: result.reason });
          if (result.outcome === 'rejected') reject(ports, payload, index, result);
          return result;
        }),
      );
    },
  };
}

async function record(
  ports: IntakePorts,
  parsed: ParsedAlert,
  { source, tenant, receivedAt }: Payload & { receivedAt: Date },
  deadline: AbortSignal,
): Promise<AlertResult> {
  if (!parsed.ok) return { outcome: 'rejected', reason: 'Unreadable', message: parsed.reason };
  try {
    const result = await ports.writer.record({ alert: parsed.alert, tenant, receivedAt }, deadline);
    noteStored(ports, parsed.alert, result);
    return result;
  } catch (error) {
    ports.log.failed(source, error);
    return { outcome: 'failed', message: errorMessage(error) };
  }
}

function noteStored(
  { metrics, log }: IntakePorts,
  { source, type, details }: IncomingAlert,
  result: AlertResult,
): void {
  if (result.outcome !== 'created' && result.outcome !== 'resolved') return;
  const { namespace, name } = result.alert.metadata;
  log.stored(result.outcome, { source, type, alert: `${namespace ?? ''}/${name}` });
  if (leftOutKey in details) metrics.cut.inc({ source });
}

function reject(
  ports: IntakePorts,
  { source, content }: Payload,
  index: number,
  { reason, message }: Extract<AlertResult, { outcome: 'rejected' }>,
): void {
  ports.metrics.rejected.inc({ source, reason });
  ports.keepDeadLetter({ source, reason, message, content: content === undefined ? '' : rawAlert(content, index) });
}

/** Bytes of a body that is not JSON; dead letters hold no more. */
const maxRawAlert = 4096;

/**
 * Returns the alert as it was sent, or the whole body where that is not JSON. Rejected alerts are rare: parsing the body
 * again costs less than keeping every alert.
 */
function rawAlert(content: Buffer, index: number): string {
  const parsed = parseJsonBytes(content);
  if (!parsed.ok) return content.toString('utf8', 0, maxRawAlert);
  const body = parsed.value;
  const list: unknown = Array.isArray(body) ? body : (body as { alerts?: unknown } | null)?.alerts;
  return textOf(Array.isArray(list) ? (list as unknown[])[index] : body);
}
