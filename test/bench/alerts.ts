import { alertName } from '../../crds/names.ts';
import { dedupKey } from '../../alerts/fingerprint.ts';
import { NAMESPACE } from '../../devcluster/start/aegis.ts';
import type { Harness } from '../harness/aegis.ts';
import { nodeAlert, post, type SentAlert } from '../harness/senders.ts';

/** Sends one alert to the first apiserver; throws unless it is acknowledged. */
export async function send(harness: Harness, alert: SentAlert | SentAlert[]): Promise<void> {
  const { status, text } = await post(`${harness.ingest[0] ?? ''}/default/alert`, alert);
  if (status !== 200) throw new Error(`alert was not acknowledged: ${status} ${text}`);
}

/** Distinct alerts whose fingerprints begin with `prefix`. */
export function distinct(prefix: string, count: number, changes: Partial<SentAlert> = {}): SentAlert[] {
  return Array.from({ length: count }, (_, index) => nodeAlert(`${prefix}${index}`, changes));
}

/** The name that Aegis gives to the first episode of an alert. */
export function nameOf(alert: SentAlert): string {
  return alertName('default', alert.type, dedupKey('default', NAMESPACE, alert.fingerprint), 1);
}
