import { parsePrometheusAlert } from '../../../alerts/sources/alertmanager.ts';
import type { ParseContext, TruncatedGroup } from '../../../alerts/incoming.ts';
import type { Intake } from '../intake.ts';
import { alertsUrl, readAlerts } from './api.ts';

/** Dependencies of the reader of truncated alerts. */
export interface TruncatedReaderPorts {
  /** The Alertmanagers that may be read; URLs in payloads are compared with these and never followed. */
  urls: readonly string[];
  intake: Intake;
  context: ParseContext;
  onRead: (result: 'read' | 'failed' | 'notConfigured', error?: unknown) => void;
  fetch?: typeof fetch;
}

/** Milliseconds to store all alerts of one group. */
const storeMs = 10_000;
/** Groups that are read at once; further ones are read with their next payload. */
const maxReads = 4;

/** Reads from Alertmanager the alerts that it left out of a payload (`max_alerts`). */
export class TruncatedReader {
  readonly #ports: TruncatedReaderPorts;
  readonly #reads = new Map<string, Promise<void>>();

  constructor(ports: TruncatedReaderPorts) {
    this.#ports = ports;
  }

  /** Starts reading a group, unless it is being read already. Never fails and never waits. */
  request(group: TruncatedGroup, tenant: string): void {
    const { urls, onRead } = this.#ports;
    const base = chooseUrl(urls, group.claimedUrl);
    if (base === undefined) {
      onRead('notConfigured');
      return;
    }
    const url = alertsUrl(base, { includeMuted: false, ...group });
    const key = `${tenant} ${url.href}`;
    if (this.#reads.has(key)) return;
    if (this.#reads.size >= maxReads) {
      onRead('failed', new Error('too many groups are being read'));
      return;
    }
    const read = readGroup(this.#ports, url, tenant)
      .then(
        () => {
          onRead('read');
        },
        (error: unknown) => {
          onRead('failed', error);
        },
      )
      .finally(() => this.#reads.delete(key));
    this.#reads.set(key, read);
  }

  /** Resolves when no group is being read. */
  async idle(): Promise<void> {
    await Promise.all(this.#reads.values());
  }
}

/** Returns the configured URL that the payload claims to come from, or else the first one. */
function chooseUrl(urls: readonly string[], claimed: string | undefined): string | undefined {
  const origin = URL.parse(claimed ?? '')?.origin;
  return urls.find((url) => new URL(url).origin === origin) ?? urls[0];
}

async function readGroup(ports: TruncatedReaderPorts, url: URL, tenant: string): Promise<void> {
  const listed = await readAlerts(url, ports.fetch);
  // Only firing alerts are listed; their `endsAt` is an estimate of Alertmanager.
  const alerts = listed.map((alert: unknown, index) =>
    parsePrometheusAlert({ ...(alert as object | null), status: 'firing' }, index, ports.context),
  );
  const results = await ports.intake.take({ source: 'alertmanager', alerts, tenant }, AbortSignal.timeout(storeMs));
  const failed = results.find((result) => result.outcome === 'failed');
  if (failed !== undefined) throw new Error(`not all alerts could be stored: ${failed.message}`);
}
