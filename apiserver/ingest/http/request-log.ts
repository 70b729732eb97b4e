import type { Clock } from '../../../lib/clock.ts';
import type { Logger } from '../../../lib/logger.ts';

/** Log of the ingest. Failures come in floods: of each kind one line every few seconds, with a count. */
export interface RequestLog {
  stored(outcome: 'created' | 'resolved', fields: { source: string; type: string; alert: string }): void;
  refused(fields: { source: string; status: number; reason: string; from: string | undefined }): void;
  failed(source: string, error: unknown): void;
}

const quietMs = 5_000;

export function createRequestLog(logger: Logger, clock: Clock): RequestLog {
  /** When a kind of line may be written again, and the number of lines left out since. Kinds are few and fixed. */
  const kinds = new Map<string, { next: number; leftOut: number }>();

  return {
    stored: (outcome, fields) => {
      logger.info(fields, outcome === 'created' ? 'Alert stored' : 'Alert resolved');
    },
    refused: (fields) => {
      limited(`${fields.source} ${fields.reason}`, (repeated) => {
        logger.warn({ ...fields, repeated }, 'Request refused');
      });
    },
    failed: (source, error) => {
      limited(`${source} failed`, (repeated) => {
        logger.error({ err: error, source, repeated }, 'Could not store an alert');
      });
    },
  };

  function limited(kind: string, write: (repeated: number) => void): void {
    const now = clock.monotonicMs();
    const known = kinds.get(kind) ?? { next: 0, leftOut: 0 };
    if (now < known.next) known.leftOut += 1;
    else {
      write(known.leftOut);
      known.leftOut = 0;
      known.next = now + quietMs;
    }
    kinds.set(kind, known);
  }
}
