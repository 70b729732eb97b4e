import type { InvolvedObject } from '../../crds/alert.ts';
import { boundedDetails, boundedText, textOf } from '../bounds.ts';
import { fingerprintOf, readFingerprint } from '../fingerprint.ts';
import { readStatus, type ParsedAlert, type ParsedPayload } from '../incoming.ts';
import { involvedObject } from '../involved-object.ts';
import { normaliseSeverity } from '../severity.ts';
import { readTime } from '../../lib/time.ts';
import { anyCase, asRecord, type JsonRecord } from './record.ts';
import { jsonSource } from './json-source.ts';
import type { Source } from './source.ts';

/** The JSON format of the original, for custom integrations. Keys may be in any letter case. */
export const defaultSource = {
  ...jsonSource,
  name: 'default',
  paths: ['/default/alert', '/alert'],
  parse: parseDefault,
} satisfies Source;

function parseDefault(body: unknown): ParsedPayload {
  if (!Array.isArray(body) && asRecord(body) === undefined) {
    return { ok: false, reason: 'the body must be an alert (a JSON object) or a list of alerts' };
  }
  const alerts: unknown[] = Array.isArray(body) ? body : [body];
  return { ok: true, alerts: alerts.map(parseAlert) };
}

function parseAlert(value: unknown, index: number): ParsedAlert {
  const record = asRecord(value);
  if (record === undefined) return { ok: false, index, reason: 'the alert is not a JSON object' };
  const type = readText(record, 'type')?.trim() ?? '';
  if (type === '') return { ok: false, index, reason: 'the alert has no "type"' };
  const status = readStatus(anyCase(record, 'status'));
  const object = readObject(anyCase(record, 'involvedObject'));
  const details = readDetails(record);
  const severity = normaliseSeverity(anyCase(record, 'severity') ?? details['severity']);
  const startsAt = readTime(anyCase(record, 'startsAt'));
  const endsAt = status === 'Resolved' ? readTime(anyCase(record, 'endsAt')) : undefined;
  return {
    ok: true,
    alert: {
      source: 'default',
      type: boundedText(type, 253),
      status,
      fingerprint: readFingerprint(anyCase(record, 'fingerprint')) ?? fingerprint(type, object, details),
      involvedObject: object,
      details,
      ...(severity === undefined ? {} : { severity }),
      ...(startsAt === undefined ? {} : { startsAt }),
      ...(endsAt === undefined ? {} : { endsAt }),
    },
  };
}

/**
 * Type and object identify an alert. Details count only where there is no object: they hold times and measurements, which
 * differ between repeats.
 */
function fingerprint(type: string, object: InvolvedObject, details: Record<string, string>): string {
  const isObject = object.name !== undefined || object.node !== undefined;
  return fingerprintOf([type, object as Record<string, string>, isObject ? {} : details]);
}

function readObject(value: unknown): InvolvedObject {
  const record = asRecord(value) ?? {};
  return involvedObject({
    kind: readText(record, 'kind'),
    name: readText(record, 'name'),
    namespace: readText(record, 'namespace'),
    node: readText(record, 'node'),
  });
}

/** `detials` is the spelling of the original; `labels` and `annotations` are common in other systems. */
function readDetails(record: JsonRecord): Record<string, string> {
  const maps = [anyCase(record, 'details', 'detials'), anyCase(record, 'labels'), anyCase(record, 'annotations')];
  return boundedDetails(maps.flatMap((map) => Object.entries(asRecord(map) ?? {})));
}

function readText(record: JsonRecord, name: string): string | undefined {
  const value = anyCase(record, name);
  return value === undefined || value === null ? undefined : textOf(value);
}
