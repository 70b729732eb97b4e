import { describe, expect, it } from '@jest/globals';
import { AlertApi } from '../../../test/ingest/fakes/alert-api.ts';
import type { AegisAlert } from '../../../crds/alert.ts';
import { watchWrites } from './write-health.ts';

const alert: AegisAlert = {
  apiVersion: 'aegis.io/v1alpha1',
  kind: 'AegisAlert',
  metadata: { name: 'a', namespace: 'monitoring' },
  spec: { type: 'X', status: 'Firing', trust: 'Parsed' },
};

describe('the check of writes', () => {
  it('the check of writes fails after a period of failed writes, and passes after a success or without traffic', async () => {
    const api = new AlertApi();
    let now = 0;
    const { store, check } = watchWrites(api.store, () => now);
    const write = () => store.create(alert, new AbortController().signal).catch(() => undefined);
    api.before = () => Promise.reject(new Error('refused'));
    await write();
    expect(check.check()).toContain('refused');
    now = 10_000;
    await write();
    expect(() => check.check()).toThrow('alerts cannot be stored: refused');
    now = 31_000;
    expect(check.check()).toBeUndefined();
    await write();
    expect(() => check.check()).toThrow();
    api.before = () => Promise.resolve();
    await write();
    expect(check.check()).toBeUndefined();
  });
});
