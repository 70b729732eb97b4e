import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Certificates, ServingCertificate } from './certificate.ts';
import { createHolder } from './holder.ts';
import type { ApiserviceMetrics } from '../metrics.ts';
import { periodic } from '../../lib/periodic.ts';

export interface CertificateFilesOptions {
  /** PEM, followed by intermediates if there are any. */
  readonly certificateFile: string;
  readonly keyFile: string;
  /** Authority to publish; undefined: another controller sets caBundle. */
  readonly authorityFile?: string | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: ApiserviceMetrics;
  /** Milliseconds between two reads; default ten seconds. */
  readonly intervalMs?: number | undefined;
  readonly read?: (path: string) => Promise<string>;
}

const defaultIntervalMs = 10_000;

/** Creates certificates from files, such as a mounted Secret of cert-manager; changed files are loaded. */
export function createCertificateFiles(options: CertificateFilesOptions): Certificates {
  const { certificateFile, keyFile, authorityFile, clock, logger, metrics } = options;
  const { intervalMs = defaultIntervalMs, read = (path: string) => readFile(path, 'utf8') } = options;
  const holder = createHolder();
  let failure: string | undefined;

  const reload = async (): Promise<void> => {
    const [certificate, key] = await Promise.all([read(certificateFile), read(keyFile)]);
    const current = holder.current();
    if (current?.certificate === certificate && current.key === key) return;
    const { validToDate } = readPair({ certificate, key });
    metrics.rotations.inc({ step: 'load' });
    metrics.expiry.set({ certificate: 'serving' }, validToDate.getTime() / 1_000);
    logger.info({ notAfter: validToDate, file: certificateFile }, 'Serving certificate loaded');
    holder.set({ certificate, key });
  };

  const work = async (): Promise<number> => {
    try {
      await reload();
      failure = undefined;
    } catch (error) {
      // The previous pair stays in use: files are replaced one after the other.
      failure = error instanceof Error ? error.message : String(error);
      metrics.certificateFailures.inc();
      logger.error({ err: error, file: certificateFile }, 'Could not use the certificate files');
    }
    return intervalMs;
  };

  const check = (): string | undefined => {
    const current = holder.current();
    if (current === undefined) throw new Error(failure ?? 'the certificate files have not been read yet');
    const { validFromDate, validToDate } = new X509Certificate(current.certificate);
    const now = clock.now();
    if (now < validFromDate || validToDate <= now) throw new Error('the serving certificate is not valid now');
    return failure;
  };

  return {
    current: () => holder.current(),
    onChange: (listener) => holder.onChange(listener),
    part: periodic({ name: 'certificates', clock, periodMs: intervalMs, work, logger, runAtStart: true }),
    ready: { name: 'certificate', check },
    bundle: async () => (authorityFile === undefined ? undefined : read(authorityFile)),
  };
}

/** @throws when they do not belong together; the message reveals nothing of the key */
function readPair({ certificate, key }: ServingCertificate): X509Certificate {
  const parsed = new X509Certificate(certificate);
  let fits: boolean;
  try {
    fits = parsed.checkPrivateKey(createPrivateKey(key));
  } catch {
    throw new Error('the key file does not hold a private key');
  }
  if (!fits) throw new Error('the key does not belong to the certificate');
  return parsed;
}
