const readMs = 10_000;
const maxBytes = 32 * 1024 * 1024;

/** Selects alerts of an Alertmanager. */
export interface AlertQuery {
  /** Includes alerts that are silenced, or inhibited by another alert. */
  includeMuted: boolean;
  groupLabels?: Readonly<Record<string, string>>;
  receiver?: string | undefined;
}

/** Returns the URL at which an Alertmanager lists its firing alerts. */
export function alertsUrl(base: string, { includeMuted, groupLabels = {}, receiver }: AlertQuery): URL {
  const url = new URL('api/v2/alerts', base.endsWith('/') ? base : `${base}/`);
  for (const [name, value] of Object.entries({ active: true, silenced: includeMuted, inhibited: includeMuted })) {
    url.searchParams.set(name, String(value));
  }
  for (const [label, value] of Object.entries(groupLabels)) {
    url.searchParams.append('filter', `${matcherName(label)}=${JSON.stringify(value)}`);
  }
  // A regular expression, anchored by Alertmanager.
  if (receiver !== undefined) url.searchParams.set('receiver', receiver.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return url;
}

function matcherName(label: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(label) ? label : JSON.stringify(label);
}

/**
 * Reads a list of alerts of at most 32 MiB within ten seconds. Follows no redirect: only configured hosts are contacted.
 *
 * @throws Error when Alertmanager does not answer with such a list, or the signal aborts
 */
export async function readAlerts(url: URL, request: typeof fetch = fetch, signal?: AbortSignal): Promise<unknown[]> {
  const deadline = AbortSignal.timeout(readMs);
  const answer = await request(url, {
    redirect: 'error',
    signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
  });
  if (!answer.ok) throw new Error(`Alertmanager returned status ${answer.status}`);
  const body: unknown = JSON.parse(await textOf(answer));
  if (!Array.isArray(body)) throw new Error('Alertmanager did not return a list');
  return body as unknown[];
}

async function textOf(answer: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (answer.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > maxBytes) throw new Error(`the list of Alertmanager is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
