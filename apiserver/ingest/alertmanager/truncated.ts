import { parsePrometheusAlert } from '../../../alerts/sources/alertmanager.ts';
import type { ParseContext, TruncatedGroup } from '../../../alerts/incoming.ts';
import { alertsUrl, readAlerts } from './api.ts';
import type { Intake } from '../intake.ts';

/** Reads from Alertmanager itself what it left out of a payload (`max_alerts`). */
export interface TruncatedReader {
  /** Starts a reading; never fails and never waits. Readings of the same group that come together are one. */
  request(group: TruncatedGroup, tenant: string): void;
  /** Resolves when no reading is under way. */
  idle(): Promise<void>;
}

export interface TruncatedReaderPorts {
  /** The Alertmanagers that may be asked; URLs in payloads are compared with these and never followed. */
  urls: readonly string[];
  intake: Intake;
  context: ParseContext;
  onRead(result: 'read' | 'failed' | 'notConfigured', error?: unknown): void;
  fetch?: typeof fetch;
}

/** Milliseconds for all that was read. */
const storeMs = 10_000;
/** Groups that are read at once; more come again with their next payload. */
const maxReadings = 4;

export function createTruncatedReader(ports: TruncatedReaderPorts): TruncatedReader {
  const readings = new Map<string, Promise<void>>();
  return {
    request: (group, tenant) => {
      const base = chooseUrl(ports.urls, group.claimedUrl);
      if (base === undefined) {
        ports.onRead('notConfigured');
        return;
      }
      const url = alertsUrl(base, { includeMuted: false, ...group });
      const key = `${tenant} ${url.href}`;
      if (readings.has(key)) return;
      if (readings.size >= maxReadings) {
        ports.onRead('failed', new Error('too many groups are being read'));
        return;
      }
      const reading = readRest(ports, url, tenant)
        .then(
          () => {
            ports.onRead('read');
          },
          (error: unknown) => {
            ports.onRead('failed', error);
          },
        )
        .finally(() => readings.delete(key));
      readings.set(key, reading);
    },
    idle: async () => {
      await Promise.all(readings.values());
    },
  };
}

/** The configured URL that the payload claims to come from, or else the first one. */
function chooseUrl(urls: readonly string[], claimed: string | undefined): string | undefined {
  const origin = URL.parse(claimed ?? '')?.origin;
  return urls.find((url) => new URL(url).origin === origin) ?? urls[0];
}

async function readRest(ports: TruncatedReaderPorts, url: URL, tenant: string): Promise<void> {
  const listed = await readAlerts(url, ports.fetch);
  // Only alerts that fire are listed, and their end is a guess of Alertmanager's.
  const alerts = listed.map((alert: unknown, index) =>
    parsePrometheusAlert({ ...(alert as object | null), status: 'firing' }, index, ports.context),
  );
  const results = await ports.intake.take({ source: 'alertmanager', alerts, tenant }, AbortSignal.timeout(storeMs));
  const failed = results.find((result) => result.outcome === 'failed');
  if (failed !== undefined) throw new Error(`not all alerts could be stored: ${failed.message}`);
}
