import { describe, expect, it } from '@jest/globals';
import type { IncomingAlert } from '../incoming.ts';
import { defaultSource } from './default.ts';

function parse(body: unknown) {
  const parsed = defaultSource.parse(body);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.alerts;
}

function only(body: unknown): IncomingAlert {
  const [first] = parse(body);
  if (first?.ok !== true) throw new Error(first?.reason);
  return first.alert;
}

const fromTheReadme = {
  type: 'NodeOutOfDiskSpace',
  status: 'Firing',
  involvedObject: { Kind: 'Node', Name: 'node1' },
  details: { startAt: '2022021122', node: 'node1' },
  fingerprint: '5f972974ccf1ee9b',
};

describe("the parser of the original's format", () => {
  it('the default source reads the example of the README', () => {
    expect(only(fromTheReadme)).toEqual({
      source: 'default',
      type: 'NodeOutOfDiskSpace',
      status: 'Firing',
      fingerprint: '5f972974ccf1ee9b',
      involvedObject: { kind: 'Node', name: 'node1', node: 'node1' },
      details: { startAt: '2022021122', node: 'node1' },
    });
  });

  it('the default source accepts keys in any letter case', () => {
    const shouted = {
      TYPE: 'NodeOutOfDiskSpace',
      Status: 'FIRING',
      INVOLVEDOBJECT: { KIND: 'Node', name: 'node1' },
      Details: { startAt: '2022021122', node: 'node1' },
      FingerPrint: '5f972974ccf1ee9b',
    };
    expect(only(shouted)).toEqual(only(fromTheReadme));
  });

  it.each(['Resolved', 'resolved', 'Resovled', 'RESOVLED'])(
    'the default source reads the status %s as resolved',
    (status) => {
      expect(only({ ...fromTheReadme, status }).status).toBe('Resolved');
    },
  );

  it.each([undefined, 'ok', 'Pending', 1])('the default source reads the status %j as unknown', (status) => {
    expect(only({ ...fromTheReadme, status }).status).toBe('Unknown');
  });

  it('the default source reads `detials` when there are no `details`', () => {
    expect(only({ type: 'X', status: 'Firing', detials: { a: 'b' } }).details).toEqual({ a: 'b' });
    expect(only({ type: 'X', status: 'Firing', details: { a: 'c' }, detials: { a: 'b' } }).details).toEqual({ a: 'c' });
  });

  it('the default source converts details that are no texts to JSON', () => {
    const details = { n: 1, yes: true, none: null, list: [1, 'a'], map: { a: 1 } };
    expect(only({ type: 'X', status: 'Firing', details }).details).toEqual({
      n: '1',
      yes: 'true',
      none: 'null',
      list: '[1,"a"]',
      map: '{"a":1}',
    });
  });

  it('the default source accepts a list of alerts and reports the invalid ones', () => {
    const parsed = parse([fromTheReadme, 'x', { status: 'Firing' }, fromTheReadme]);
    expect(parsed.map(({ ok }) => ok)).toEqual([true, false, false, true]);
    expect(parsed[2]).toEqual({ ok: false, index: 2, reason: 'the alert has no "type"' });
  });

  it.each([null, 'text', 1, true])('the default source refuses the payload %j', (body) => {
    expect(defaultSource.parse(body).ok).toBe(false);
  });

  it('the default source identifies an alert without a fingerprint by type and object, not by its measurements', () => {
    const anonymous = { ...fromTheReadme, fingerprint: '' };
    const first = only(anonymous).fingerprint;
    expect(only({ ...anonymous, status: 'Resolved', details: { startAt: 'later' } }).fingerprint).toBe(first);
    expect(only({ ...anonymous, involvedObject: { kind: 'Node', name: 'node2' } }).fingerprint).not.toBe(first);
    expect(only({ ...anonymous, type: 'Other' }).fingerprint).not.toBe(first);
  });

  it('the default source identifies an alert without fingerprint and object by its details, never by its type alone', () => {
    const one = only({ type: 'X', status: 'Firing', details: { disk: 'sda' } });
    expect(one.fingerprint).not.toBe(only({ type: 'X', status: 'Firing', details: { disk: 'sdb' } }).fingerprint);
  });

  it('the default source treats __proto__ and constructor as ordinary keys', () => {
    const body: unknown = JSON.parse(
      '{"type":"X","status":"Firing","__proto__":{"status":"Resolved"},"details":{"__proto__":"p","constructor":"c"}}',
    );
    const { status, details } = only(body);
    expect(status).toBe('Firing');
    expect(Object.entries(details)).toEqual([
      ['__proto__', 'p'],
      ['constructor', 'c'],
    ]);
    expect(({} as Record<string, unknown>)['status']).toBeUndefined();
  });

  it('the default source accepts very deeply nested values', () => {
    const deep: unknown = JSON.parse(`${'['.repeat(200_000)}${']'.repeat(200_000)}`);
    expect(only({ type: 'X', status: 'Firing', details: { deep } }).details['deep']).toMatch(/nested|^\[/);
  });
});
