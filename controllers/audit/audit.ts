import { errorFields, errorMessage } from '../../process/error-fields.ts';
import type { Logger } from '../../lib/logger.ts';
import type { AuditEntry } from '../../remediation/audit/record.ts';
import { createAuditFile, type AuditFile } from './audit-file.ts';

/** The audit record of a worker; undefined where none is wanted. Failures are logged and counted, and answered. */
export function createAudit(options: {
  /** Empty: no audit. */
  path: string;
  logger: Logger;
  observeFailure: () => void;
  file?: AuditFile;
}): ((entry: AuditEntry) => string | undefined) | undefined {
  const { path, logger, observeFailure } = options;
  if (path === '') return undefined;
  const file = options.file ?? createAuditFile(path);
  return (entry) => {
    try {
      file.append(entry);
      return undefined;
    } catch (error) {
      observeFailure();
      const { decision, reason, alert } = entry;
      const about = 'remediation' in entry ? { remediation: entry.remediation } : { alert };
      logger.error(
        { err: errorFields(error), path, decision, reason, ...about },
        'Could not write a decision to the audit record',
      );
      return errorMessage(error);
    }
  };
}
