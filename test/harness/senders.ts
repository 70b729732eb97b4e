/** An alert in the original's JSON about a node of its own. */
export interface SentAlert {
  type: string;
  status: 'Firing' | 'Resolved';
  involvedObject: { kind: string; name: string };
  details: Record<string, string>;
  fingerprint: string;
}

export function nodeAlert(fingerprint: string, changes: Partial<SentAlert> = {}): SentAlert {
  const node = `node-${fingerprint}`;
  return {
    type: 'NodeHasEmergencyEvent',
    status: 'Firing',
    involvedObject: { kind: 'Node', name: node },
    details: { node },
    fingerprint,
    ...changes,
  };
}

/** Posts a body; status 0 when there was no answer. */
export async function post(url: string, body: unknown): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    });
    return { status: response.status, text: await response.text() };
  } catch {
    return { status: 0, text: '' };
  }
}

/**
 * A sender that behaves like Alertmanager: it repeats what was not acknowledged, at any of the addresses, until it is.
 *
 * @returns how many tries it took
 */
export async function sendUntilAcknowledged(urls: readonly string[], alert: SentAlert | SentAlert[]): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    const url = urls[attempt % urls.length] ?? '';
    const { status, text } = await post(`${url}/default/alert`, alert);
    if (status === 200) return attempt;
    if (status >= 400 && status < 500) throw new Error(`alert was refused: ${status} ${text}`);
    await new Promise((resolve) => setTimeout(resolve, Math.min(200 * attempt, 1_000)));
  }
}

/** Calls `send` for each of `count` numbers, `perSecond` a second, and waits for all of them. */
export async function atRate(
  count: number,
  perSecond: number,
  send: (index: number) => Promise<unknown>,
): Promise<void> {
  const under: Promise<unknown>[] = [];
  const started = performance.now();
  for (let index = 0; index < count; index += 1) {
    const wait = started + (index * 1_000) / perSecond - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    under.push(send(index));
  }
  await Promise.all(under);
}
