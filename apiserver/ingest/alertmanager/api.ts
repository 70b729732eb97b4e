const readMs = 10_000;
const maxBytes = 32 * 1024 * 1024;

/** Which alerts of an Alertmanager are asked for. */
export interface AlertQuery {
  /** Whether those are wanted too that somebody silenced, or that another alert inhibits. */
  includeMuted: boolean;
  groupLabels?: Readonly<Record<string, string>>;
  receiver?: string | undefined;
}

/** The URL under which a configured Alertmanager lists its firing alerts. */
export function alertsUrl(base: string, { includeMuted, groupLabels = {}, receiver }: AlertQuery): URL {
  const url = new URL('api/v2/alerts', base.endsWith('/') ? base : `${base}/`);
  for (const [name, value] of Object.entries({ active: true, silenced: includeMuted, inhibited: includeMuted })) {
    url.searchParams.set(name, String(value));
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

/**
 * Reads the list of alerts within ten seconds and 32 MiB; follows no redirect, because only configured hosts may be asked.
 *
 * @throws when there is no such answer, or the signal aborts
 */
export async function readAlerts(url: URL, ask: typeof fetch = fetch, signal?: AbortSignal): Promise<unknown[]> {
  const deadline = AbortSignal.timeout(readMs);
  const answer = await ask(url, {
    redirect: 'error',
    signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
  });
  if (!answer.ok) throw new Error(`Alertmanager answered ${answer.status}`);
  const body: unknown = JSON.parse(await textOf(answer));
  if (!Array.isArray(body)) throw new Error('Alertmanager did not answer with a list');
  return body as unknown[];
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
