import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sources } from '../../../alerts/sources/index.ts';
import { createIngestHandler, type IngestHandlerPorts } from '../../../apiserver/ingest/http/handler.ts';
import type { DeadLetter } from '../../../apiserver/ingest/dead-letters/dead-letters.ts';
import { AlertLimiter } from '../../../apiserver/ingest/alert-limiter.ts';
import { RequestLimiter } from '../../../apiserver/http/load-limits.ts';
import { createIntake } from '../../../apiserver/ingest/intake.ts';
import type { Submission } from '../../../apiserver/ingest/store/recorder.ts';
import { createIngestMetrics } from '../../../apiserver/ingest/metrics.ts';
import { systemClock } from '../../../lib/clock.ts';
import { createRegistry } from '../../../process/metrics.ts';
import { AlertApi } from './alert-api.ts';
import { Replica } from './replica.ts';

/** The HTTP ingest of the ingest over an API server in memory. */
export async function openIngest(overrides: Partial<IngestHandlerPorts> = {}) {
  const api = new AlertApi();
  const replica = new Replica(api);
  const letters: DeadLetter[] = [];
  const logged: unknown[] = [];
  const truncated: unknown[] = [];
  const registry = createRegistry();
  const requestLimiter = new RequestLimiter({ requests: 8, bytes: 1 << 22 });
  const alertLimiter = new AlertLimiter({ alerts: 1000, alertsPerTenant: 500 });
  const metrics = createIngestMetrics(registry);
  const log = {
    stored: (...line: unknown[]) => void logged.push(line),
    refused: (...line: unknown[]) => void logged.push(line),
    failed: (...line: unknown[]) => void logged.push(line),
  };
  const keepDeadLetter = (letter: DeadLetter) => void letters.push(letter);
  const writer = {
    record: ({ alert, tenant }: Submission, signal: AbortSignal) => replica.record(alert, { tenant }, signal),
  };
  const handler = createIngestHandler({
    sources,
    secrets: new Map(),
    requestLimiter,
    alertLimiter,
    intake: createIntake({ writer, metrics, log, keepDeadLetter, now: () => replica.now }),
    context: { nodeOf: () => undefined },
    metrics,
    log,
    clock: systemClock(),
    keepDeadLetter,
    onTruncated: (...group) => void truncated.push(group),
    defaultNamespace: 'monitoring',
    maxBody: 1 << 20,
    budgetMs: 200,
    ...overrides,
  });
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    api,
    requestLimiter,
    alertLimiter,
    letters,
    logged,
    truncated,
    registry,
    url,
    post: async (path: string, body: unknown, init: RequestInit = {}) => {
      const answer = await fetch(url + path, {
        method: 'POST',
        body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
        ...init,
        headers: { 'content-type': 'application/json', ...(init.headers as Record<string, string> | undefined) },
      });
      const text = await answer.text();
      return { status: answer.status, headers: answer.headers, body: JSON.parse(text) as Record<string, unknown> };
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
