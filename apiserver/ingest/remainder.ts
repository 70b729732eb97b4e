import { parsePrometheusAlert } from '../../alerts/sources/alertmanager.ts';
import type { ParseContext, TruncatedGroup } from '../../alerts/incoming.ts';
import type { Intake } from './intake.ts';

/** Reads from Alertmanager itself what it left out of a payload (`max_alerts`). */
export interface Remainder {
  /** Starts a reading; never fails and never waits. Readings of the same group that come together are one. */
  request(group: TruncatedGroup, tenant: string): void;
  /** Resolves when no reading is under way. */
  idle(): Promise<void>;
}

export interface RemainderPorts {
  /** The Alertmanagers that may be asked; URLs in payloads are compared with these and never followed. */
  urls: readonly string[];
  intake: Intake;
  context: ParseContext;
  onRead(result: 'read' | 'failed' | 'notConfigured', error?: unknown): void;
  fetch?: typeof fetch;
}

const readMs = 10_000;
const maxBytes = 32 * 1024 * 1024;
/** Groups that are read at once; more come again with their next payload. */
const maxReadings = 4;

export function createRemainder(ports: RemainderPorts): Remainder {
  const readings = new Map<string, Promise<void>>();
  return {
    request: (group, tenant) => {
      const base = chooseUrl(ports.urls, group.claimedUrl);
      if (base === undefined) {
        ports.onRead('notConfigured');
        return;
      }
      const url = alertsUrl(base, group);
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

function alertsUrl(base: string, { receiver, groupLabels }: TruncatedGroup): URL {
  const url = new URL('api/v2/alerts', base.endsWith('/') ? base : `${base}/`);
  for (const [name, value] of Object.entries({ active: 'true', silenced: 'false', inhibited: 'false' })) {
    url.searchParams.set(name, value);
  }
  for (const [label, value] of Object.entries(groupLabels)) {
    url.searchParams.append('filter', `${matcherName(label)}=${JSON.stringify(value)}`);
  }
  // A pattern, anchored by Alertmanager.
  if (receiver !== undefined) url.searchParams.set('receiver', receiver.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return url;
}

function matcherName(label: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(label) ? label : JSON.stringify(label);
}

async function readRest(ports: RemainderPorts, url: URL, tenant: string): Promise<void> {
  const answer = await (ports.fetch ?? fetch)(url, { redirect: 'error', signal: AbortSignal.timeout(readMs) });
  if (!answer.ok) throw new Error(`Alertmanager answered ${answer.status}`);
  const body: unknown = JSON.parse(await textOf(answer));
  if (!Array.isArray(body)) throw new Error('Alertmanager did not answer with a list');
  // Only alerts that fire are listed, and their end is a guess of Alertmanager's.
  const alerts = body.map((alert: unknown, index) =>
    parsePrometheusAlert({ ...(alert as object | null), status: 'firing' }, index, ports.context),
  );
  const results = await ports.intake.take({ source: 'alertmanager', alerts, tenant }, AbortSignal.timeout(readMs));
  const failed = results.find((result) => result.outcome === 'failed');
  if (failed !== undefined) throw new Error(`not all alerts could be stored: ${failed.message}`);
}

async function textOf(answer: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (answer.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > maxBytes) throw new Error(`Alertmanager's answer is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
