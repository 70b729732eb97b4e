import { z } from 'zod';
import { boundedDetails, boundedText, textOf } from '../bounds.ts';
import { fingerprintOf, readFingerprint } from '../fingerprint.ts';
import {
  readStatus,
  type ParseContext,
  type ParsedAlert,
  type ParsedPayload,
  type TruncatedGroup,
} from '../incoming.ts';
import { objectOfLabels } from '../involved-object.ts';
import { normaliseSeverity } from '../severity.ts';
import { readTime } from '../../lib/time.ts';
import { asRecord } from './record.ts';
import { jsonSource } from './json-source.ts';
import type { Source } from './source.ts';

/** The fields of a webhook payload (version 4) that are read; all others are ignored. */
const Payload = z.looseObject({
  alerts: z.array(z.unknown()),
  truncatedAlerts: z.int().min(0).catch(0),
  receiver: z.string().optional().catch(undefined),
  externalURL: z.string().optional().catch(undefined),
  groupLabels: z.unknown().optional(),
});

/** Prometheus Alertmanager: `webhook_configs` of a receiver. */
export const alertmanager = {
  ...jsonSource,
  name: 'alertmanager',
  paths: ['/alertmanager/alert'],
  parse: parseAlertmanager,
} satisfies Source;

function parseAlertmanager(body: unknown, context: ParseContext): ParsedPayload {
  const payload = Payload.safeParse(body);
  if (!payload.success) return { ok: false, reason: 'not an Alertmanager payload: it has no list "alerts"' };
  const { alerts, truncatedAlerts } = payload.data;
  return {
    ok: true,
    alerts: alerts.map((alert, index) => parsePrometheusAlert(alert, index, context)),
    ...(truncatedAlerts > 0 ? { truncated: truncatedGroup(payload.data) } : {}),
  };
}

/** Parses one alert of a payload; its own status counts, not the status of the group. */
export function parsePrometheusAlert(value: unknown, index: number, context: ParseContext): ParsedAlert {
  const record = asRecord(value);
  if (record === undefined) return { ok: false, index, reason: 'the alert is not a JSON object' };
  const labels = textMap(record['labels']);
  const type = labels['alertname']?.trim() ?? '';
  if (type === '') return { ok: false, index, reason: 'the alert has no label "alertname"' };
  const status = readStatus(record['status']);
  const severity = normaliseSeverity(labels['severity']);
  const startsAt = readTime(record['startsAt']);
  const endsAt = status === 'Resolved' ? readTime(record['endsAt']) : undefined;
  return {
    ok: true,
    alert: {
      source: 'alertmanager',
      type: boundedText(type, 253),
      status,
      fingerprint: readFingerprint(record['fingerprint']) ?? fingerprintOf([labels]),
      involvedObject: objectOfLabels(labels, context),
      details: boundedDetails([...Object.entries(labels), ...Object.entries(asRecord(record['annotations']) ?? {})]),
      ...(severity === undefined ? {} : { severity }),
      ...(startsAt === undefined ? {} : { startsAt }),
      ...(endsAt === undefined ? {} : { endsAt }),
    },
  };
}

function truncatedGroup(payload: z.infer<typeof Payload>): TruncatedGroup {
  return {
    count: payload.truncatedAlerts,
    groupLabels: textMap(payload.groupLabels),
    ...(payload.receiver === undefined ? {} : { receiver: payload.receiver }),
    ...(payload.externalURL === undefined ? {} : { claimedUrl: payload.externalURL }),
  };
}

/** Returns a map of texts; without prototype, since a label may have any name. */
function textMap(value: unknown): Record<string, string> {
  const map = Object.create(null) as Record<string, string>;
  for (const [key, entry] of Object.entries(asRecord(value) ?? {})) map[key] = textOf(entry);
  return map;
}
