import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AlertSpec } from '../../crds/alert.ts';
import type { IncomingAlert, ParseContext, ParsedPayload } from '../incoming.ts';
import { alertmanager } from './alertmanager.ts';
import { asRecord } from './record.ts';

const context: ParseContext = {
  nodeOf: (host) => ({ '10.0.0.5': 'gpu-5', 'gpu-7': 'gpu-7', 'fd00::5': 'gpu-5' })[host],
};

function parse(body: unknown): Extract<ParsedPayload, { ok: true }> {
  const parsed = alertmanager.parse(body, context);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed;
}

function only(alert: Record<string, unknown>): IncomingAlert {
  const [first] = parse({ alerts: [alert] }).alerts;
  if (first?.ok !== true) throw new Error(first?.reason);
  return first.alert;
}

function objectOf(labels: Record<string, string>) {
  return only({ status: 'firing', labels: { alertname: 'X', ...labels } }).involvedObject;
}

const group = {
  version: '4',
  groupKey: '{}:{alertname="NodeDown"}',
  notification_reason: 'some alerts resolved',
  status: 'firing',
  receiver: 'aegis',
  groupLabels: { alertname: 'NodeDown' },
  externalURL: 'http://alertmanager:9093',
  alerts: [
    {
      status: 'firing',
      labels: { alertname: 'NodeDown', node: 'gpu-1', severity: 'Error' },
      annotations: { summary: 'gpu-1 is down', node: 'not the label' },
      startsAt: '2026-03-01T10:00:00.123456789Z',
      endsAt: '0001-01-01T00:00:00Z',
      generatorURL: 'http://prometheus/graph',
      fingerprint: 'a1b2c3d4e5f60718',
    },
    {
      status: 'resolved',
      labels: { alertname: 'NodeDown', node: 'gpu-2' },
      startsAt: '2026-03-01T09:00:00+01:00',
      endsAt: '2026-03-01T10:05:00Z',
      fingerprint: 'ffffffffffffffff',
    },
  ],
};

describe('the Alertmanager parser', () => {
  it('the Alertmanager parser reads each alert with its own status', () => {
    expect(parse(group).alerts).toEqual([
      {
        ok: true,
        alert: {
          source: 'alertmanager',
          type: 'NodeDown',
          status: 'Firing',
          severity: 'high',
          fingerprint: 'a1b2c3d4e5f60718',
          involvedObject: { kind: 'Node', name: 'gpu-1', node: 'gpu-1' },
          details: { alertname: 'NodeDown', node: 'gpu-1', severity: 'Error', summary: 'gpu-1 is down' },
          startsAt: '2026-03-01T10:00:00.123456789Z',
        },
      },
      {
        ok: true,
        alert: expect.objectContaining({
          status: 'Resolved',
          startsAt: '2026-03-01T09:00:00+01:00',
          endsAt: '2026-03-01T10:05:00Z',
        }),
      },
    ]);
  });

  it('the Alertmanager parser accepts payloads of older and newer versions and ignores unknown fields', () => {
    const { alerts } = parse({ alerts: [{ status: 'firing', labels: { alertname: 'X' }, news: { a: 1 } }], news: 1 });
    expect(alerts).toEqual([expect.objectContaining({ ok: true })]);
  });

  it('the Alertmanager parser reports a truncated group with what is needed to read the rest', () => {
    expect(parse({ ...group, truncatedAlerts: 7 }).truncated).toEqual({
      count: 7,
      receiver: 'aegis',
      groupLabels: { alertname: 'NodeDown' },
      claimedUrl: 'http://alertmanager:9093',
    });
    expect(parse({ ...group, truncatedAlerts: 0 }).truncated).toBeUndefined();
    expect(parse({ ...group, truncatedAlerts: 'many' }).truncated).toBeUndefined();
  });

  it('the Alertmanager parser keeps labels that differ in letter case only', () => {
    const { details } = only({ status: 'firing', labels: { alertname: 'X', Pod: 'a', pod: 'b' } });
    expect(details).toMatchObject({ Pod: 'a', pod: 'b' });
  });

  it('the Alertmanager parser computes a missing fingerprint from the labels in any order', () => {
    const one = only({ status: 'firing', labels: { alertname: 'X', a: '1', b: '2' }, annotations: { value: '3' } });
    const other = only({ status: 'resolved', labels: { b: '2', alertname: 'X', a: '1' } });
    const third = only({ status: 'firing', labels: { alertname: 'X', a: '2', b: '1' } });
    expect(one.fingerprint).toBe(other.fingerprint);
    expect(one.fingerprint).not.toBe(third.fingerprint);
  });

  it('the Alertmanager parser reads the valid alerts of a group with invalid ones', () => {
    const { alerts } = parse({ alerts: [null, { labels: {} }, 7, ...group.alerts, { labels: { alertname: ' ' } }] });
    expect(alerts.map((alert) => (alert.ok ? 'ok' : `${alert.index}: ${alert.reason}`))).toEqual([
      '0: the alert is not a JSON object',
      '1: the alert has no label "alertname"',
      '2: the alert is not a JSON object',
      'ok',
      'ok',
      '5: the alert has no label "alertname"',
    ]);
  });

  it.each([null, '{}', 42, [], {}, { alerts: {} }, { alerts: null }])(
    'the Alertmanager parser refuses the payload %j',
    (body) => {
      expect(alertmanager.parse(body, context)).toEqual({
        ok: false,
        reason: expect.stringContaining('no list "alerts"'),
      });
    },
  );

  it.each([
    [
      { kind: 'Pod', name: 'p', namespace: 'n', node: 'gpu-1' },
      { kind: 'Pod', name: 'p', namespace: 'n', node: 'gpu-1' },
    ],
    [
      { kind: 'PersistentVolumeClaim', name: 'c', namespace: 'n' },
      { kind: 'PersistentVolumeClaim', name: 'c', namespace: 'n' },
    ],
    [
      { kind: 'node', name: 'gpu-1', namespace: 'monitoring' },
      { kind: 'Node', name: 'gpu-1', node: 'gpu-1' },
    ],
    [
      { kind: 'Node', node: 'gpu-1' },
      { kind: 'Node', name: 'gpu-1', node: 'gpu-1' },
    ],
    [
      { kind: 'Node', instance: 'gpu-9' },
      { kind: 'Node', name: 'gpu-9', node: 'gpu-9' },
    ],
    [
      { kind: 'Node', instance: '10.0.0.5:9100' },
      { kind: 'Node', name: 'gpu-5', node: 'gpu-5' },
    ],
    [
      { kind: 'Pod', involved_object_name: 'p', namespace: 'n' },
      { kind: 'Pod', name: 'p', namespace: 'n' },
    ],
    [
      { kind: 'Etcd', instance: '1.2.3.4:2379' },
      { kind: 'Etcd', name: '1.2.3.4:2379' },
    ],
    [
      { pod: 'p', namespace: 'n', node: 'gpu-1' },
      { kind: 'Pod', name: 'p', namespace: 'n', node: 'gpu-1' },
    ],
    [
      { pod: 'p', node: 'gpu-1' },
      { kind: 'Node', name: 'gpu-1', node: 'gpu-1' },
    ],
    [
      { deployment: 'd', namespace: 'n' },
      { kind: 'Deployment', name: 'd', namespace: 'n' },
    ],
    [
      { statefulset: 's', namespace: 'n' },
      { kind: 'StatefulSet', name: 's', namespace: 'n' },
    ],
    [
      { daemonset: 'd', namespace: 'n' },
      { kind: 'DaemonSet', name: 'd', namespace: 'n' },
    ],
    [
      { job_name: 'j', namespace: 'n' },
      { kind: 'Job', name: 'j', namespace: 'n' },
    ],
    [
      { instance: '10.0.0.5:9100', namespace: 'n' },
      { kind: 'Node', name: 'gpu-5', node: 'gpu-5' },
    ],
    [{ instance: '[fd00::5]:9100' }, { kind: 'Node', name: 'gpu-5', node: 'gpu-5' }],
    [{ instance: 'gpu-7' }, { kind: 'Node', name: 'gpu-7', node: 'gpu-7' }],
    [
      { instance: '10.9.9.9:9100', namespace: 'n' },
      { kind: 'Namespace', name: 'n' },
    ],
    [{ instance: '10.9.9.9:9100' }, { name: '10.9.9.9:9100' }],
    [{ pod: '', node: ' ' }, {}],
    [{}, {}],
  ])('the Alertmanager parser reads the object of the labels %j as %j', (labels, object) => {
    expect(objectOf(labels as unknown as Record<string, string>)).toEqual(object);
  });

  it('the Alertmanager parser marks a shortened name, so that it names no other object', () => {
    expect(objectOf({ node: 'n'.repeat(300) }).name).toMatch(/^n{252}…$/);
  });

  it.each(['suppressed', 'active', '', 'FIRE', undefined, null, 1, {}])(
    'never reads the status %j as firing',
    (status) => {
      expect(only({ status, labels: { alertname: 'X' } }).status).toBe('Unknown');
    },
  );

  it('the Alertmanager parser reads only "firing" as firing', () => {
    fc.assert(
      fc.property(fc.string(), (status) => {
        const firing = only({ status, labels: { alertname: 'X' } }).status === 'Firing';
        expect(firing).toBe(status.trim().toLowerCase() === 'firing');
      }),
    );
  });

  it('the Alertmanager parser turns any JSON into alerts that can be stored, or into reasons', () => {
    const alert = fc.oneof(
      fc.jsonValue(),
      fc.record(
        {
          status: fc.oneof(fc.constantFrom('firing', 'resolved'), fc.jsonValue()),
          labels: fc.oneof(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), fc.jsonValue()),
          annotations: fc.jsonValue(),
          startsAt: fc.oneof(
            fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
            fc.jsonValue(),
          ),
          endsAt: fc.jsonValue(),
          fingerprint: fc.jsonValue(),
        },
        { requiredKeys: [] },
      ),
    );
    fc.assert(
      fc.property(fc.array(alert), fc.string({ minLength: 1, unit: 'binary' }), (alerts, type) => {
        const named = alerts.map((value) => {
          const labels = asRecord(asRecord(value)?.['labels']);
          return labels === undefined ? value : { ...asRecord(value), labels: { ...labels, alertname: type } };
        });
        for (const parsed of parse({ alerts: named }).alerts) {
          if (!parsed.ok) continue;
          const { status, ...spec } = parsed.alert;
          expect(AlertSpec.safeParse({ ...spec, details: { ...spec.details } }).error).toBeUndefined();
          expect(['Firing', 'Resolved', 'Unknown']).toContain(status);
          expect(JSON.stringify(parsed.alert).isWellFormed()).toBe(true);
        }
      }),
    );
  });
});
