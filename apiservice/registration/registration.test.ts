import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';

import { createFakeClock, settle } from '../../test/kube/fake-clock.ts';
import { createFakeLogger } from '../../test/kube/things.ts';
import { Publication } from '../certificates/publication.ts';
import { createApiserviceMetrics } from '../metrics.ts';
import type { ApiService, RegistrationClients } from './registered.ts';
import { createRegistration } from './registration.ts';

function setUp() {
  let stored: ApiService | undefined;
  let gate: string | undefined = 'not synced';
  const applied: string[] = [];
  const clients = {
    apiServices: {
      find: () => Promise.resolve(stored),
      apply: (object: ApiService) => {
        applied.push(object.metadata.resourceVersion ?? 'new');
        stored = { ...object, metadata: { ...object.metadata, uid: 'u', resourceVersion: String(applied.length) } };
        return Promise.resolve(stored);
      },
    },
    webhooks: { find: () => Promise.resolve(undefined) },
  } as unknown as RegistrationClients;
  const clock = createFakeClock();
  const registration = createRegistration({
    clients,
    registrant: {
      group: 'g',
      version: 'v1',
      service: { namespace: 'ns', name: 's', port: 443 },
      webhooks: [],
      webhookPort: 443,
      ownUsers: [],
      annotations: {},
    },
    publication: new Publication(() => clock.monotonicMs()),
    bundle: () => Promise.resolve('PEM'),
    gates: [
      {
        name: 'informers',
        check: () => {
          if (gate !== undefined) throw new Error(gate);
          return undefined;
        },
      },
    ],
    clock,
    logger: createFakeLogger(),
    metrics: createApiserviceMetrics(new Registry()),
  });
  return {
    registration,
    clock,
    applied,
    open: () => (gate = undefined),
    change: (next: ApiService | undefined) => (stored = next),
    stored: () => stored,
  };
}

describe('the registration', () => {
  it('the registration waits until the server is ready', async () => {
    const { registration, clock, applied, open } = setUp();
    await registration.part.start();
    expect([applied, registration.check.check()]).toEqual([[], 'not registered yet']);
    open();
    await clock.advance(1_000);
    await settle();
    expect([applied, registration.check.check()]).toEqual([['new'], undefined]);
    await registration.part.stop();
  });

  it('the registration writes only changes, based on the state that it has read', async () => {
    const { registration, clock, applied, open, change, stored } = setUp();
    open();
    await registration.part.start();
    await clock.advance(60_000);
    expect(applied).toEqual(['new']);
    change({ ...(stored() as ApiService), spec: { ...stored()?.spec, groupPriorityMinimum: 2_000 } });
    await clock.advance(60_000);
    expect(applied).toEqual(['new', '1']);
    await registration.part.stop();
  });

  it('the registration does not create deleted objects again', async () => {
    const { registration, clock, applied, open, change } = setUp();
    open();
    await registration.part.start();
    change(undefined);
    await clock.advance(120_000);
    expect(applied).toEqual(['new']);
    expect(registration.check.check()).toContain('deleted, and not created again');
    await registration.part.stop();
  });
});
