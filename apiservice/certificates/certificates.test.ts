import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';

import { ApiError } from '../../kube/client/api-error.ts';
import { createFakeClock } from '../../test/kube/fake-clock.ts';
import { createFakeLogger } from '../../test/kube/things.ts';
import type { Authority } from './authorities.ts';
import { createAuthorityStore } from './authority-store.ts';
import { readAuthorities, type Secret } from './authority-secret.ts';
import { IssuedCertificates, type CertificatesOptions } from './certificates.ts';
import { Publication } from './publication.ts';
import { createApiserviceMetrics } from '../metrics.ts';

const day = 24 * 3_600_000;

/** An API server with one Secret. */
function createSecretStore(first?: Secret) {
  let secret = first;
  let version = 0;
  let failing = false;
  const conflict = (reason: string) =>
    new ApiError({ status: 409, reason, message: reason, retry: { kind: 'conflict' } });
  const keep = (next: Secret): Secret => {
    secret = { ...next, metadata: { ...next.metadata, resourceVersion: String(++version) } };
    return secret;
  };
  const call = async <T>(act: () => T): Promise<T> => {
    await new Promise((resolve) => setImmediate(resolve));
    if (failing) throw new ApiError({ status: 0, reason: 'NoAnswer', message: 'down', retry: { kind: 'retryable' } });
    return act();
  };
  return {
    secret: () => secret,
    writes: () => version,
    fail: (now: boolean) => {
      failing = now;
    },
    delete: () => {
      secret = undefined;
    },
    client: {
      find: () => call(() => secret),
      create: (next: Secret) =>
        call(() => {
          if (secret !== undefined) throw conflict('AlreadyExists');
          return keep(next);
        }),
      replace: (next: Secret) =>
        call(() => {
          if (secret?.metadata.resourceVersion !== next.metadata.resourceVersion) throw conflict('Conflict');
          return keep(next);
        }),
    },
  };
}

function replica(store: ReturnType<typeof createSecretStore>, changes: Partial<CertificatesOptions> = {}) {
  const logger = createFakeLogger();
  const registry = new Registry();
  const clock = changes.clock ?? createFakeClock();
  const certificates = new IssuedCertificates({
    store: createAuthorityStore(store.client, 'ns'),
    published: () => Promise.resolve(undefined),
    publication: new Publication(() => clock.monotonicMs()),
    hosts: ['aegis.ns.svc'],
    clock,
    logger,
    metrics: createApiserviceMetrics(registry),
    ...changes,
  });
  return { certificates, logger, registry };
}

const leafOf = ({ certificates }: ReturnType<typeof replica>): X509Certificate =>
  new X509Certificate(certificates.current()?.certificate ?? '');
const startAll = (replicas: readonly ReturnType<typeof replica>[]) =>
  Promise.all(replicas.map(({ certificates }) => certificates.part.start()));

describe('ten replicas that start at once', () => {
  it('ten replicas that start at once agree on one authority, and on the next one when it is due', async () => {
    const store = createSecretStore();
    const first = Array.from({ length: 10 }, () => replica(store));
    await startAll(first);
    expect(store.writes()).toBe(1);
    const authority = readAuthorities(store.secret() as Secret)?.current;
    const issuer = new X509Certificate(authority?.certificate ?? '');
    for (const one of first) expect(leafOf(one).verify(issuer.publicKey)).toBe(true);

    const later = createFakeClock({ skewMs: 250 * day });
    const second = Array.from({ length: 10 }, () => replica(store, { clock: later }));
    await startAll(second);
    const authorities = readAuthorities(store.secret() as Secret);
    // One prepared, and since nothing is registered one of them promoted.
    expect(store.writes()).toBe(3);
    expect(authorities?.retired.map(({ id }) => id)).toEqual([authority?.id]);
    const next = new X509Certificate(authorities?.current.certificate ?? '');
    for (const one of second) expect(leafOf(one).verify(next.publicKey)).toBe(true);
  });
});

describe('the certificates of a replica', () => {
  it('certificates are issued for the names of the Service, for servers, and for seven days', async () => {
    const one = replica(createSecretStore());
    await one.certificates.part.start();
    const leaf = leafOf(one);
    expect(leaf.subjectAltName).toBe('DNS:aegis.ns.svc');
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(leaf.ca).toBe(false);
    expect(leaf.validToDate).toEqual(new Date(Date.UTC(2026, 0, 8)));
    expect(one.certificates.ready.check()).toBeUndefined();
  });

  it('an authority is stored in an empty Secret', async () => {
    const metadata = { name: 'aegis-apiserver-ca', namespace: 'ns', labels: { app: 'x' } };
    const store = createSecretStore({ apiVersion: 'v1', kind: 'Secret', metadata });
    await replica(store).certificates.part.start();
    expect(store.secret()?.metadata.labels).toEqual({ app: 'x' });
    expect(Object.keys(store.secret()?.data ?? {})).toEqual(['ca.crt', 'ca.key']);
  });

  it('an unreadable Secret is not changed, and nothing of it is revealed', async () => {
    const data = { 'ca.crt': Buffer.from('precious').toString('base64'), 'ca.key': 'cHJlY2lvdXM=' };
    const store = createSecretStore({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x' }, data });
    const one = replica(store);
    await one.certificates.part.start();
    expect(store.secret()?.data).toBe(data);
    expect(() => one.certificates.ready.check()).toThrow('there is no serving certificate yet');
    expect(JSON.stringify(one.logger.lines.map(({ fields }) => String((fields as { err: Error }).err)))).toContain(
      'Secret aegis-apiserver-ca cannot be used',
    );
    expect(JSON.stringify(one.logger.lines)).not.toContain('precious');
  });

  it('certificates are renewed also while the API server is unreachable', async () => {
    const store = createSecretStore();
    const clock = createFakeClock();
    const one = replica(store, { clock });
    await one.certificates.part.start();
    const before = one.certificates.current();
    store.fail(true);
    const changed = new Promise<void>((resolve) => {
      one.certificates.onChange(resolve);
    });
    // The machine was suspended for five of the seven days.
    void clock.jump(5 * day);
    await changed;
    expect(one.certificates.current()).not.toEqual(before);
    expect(one.certificates.ready.check()).toBeUndefined();
    await one.certificates.part.stop();
  });

  it('certificates are not ready while the registration trusts another authority', async () => {
    const one = replica(createSecretStore(), { published: () => Promise.resolve([]) });
    await one.certificates.part.start();
    expect(() => one.certificates.ready.check()).toThrow('does not include the issuer of the serving certificate yet');
  });

  it('a deleted Secret is created again with the trusted authorities, unless the registration is deleted too', async () => {
    const store = createSecretStore();
    const clock = createFakeClock();
    let published: readonly Authority[] | undefined;
    const one = replica(store, { clock, published: () => Promise.resolve(published), intervalMs: 60_000 });
    await one.certificates.part.start();
    const old = readAuthorities(store.secret() as Secret)?.current as Authority;
    const foreign = { ...old, id: 'foreign', commonName: 'another issuer' };
    published = [old, foreign];
    store.delete();
    const two = replica(store, { clock, published: () => Promise.resolve(published) });
    await one.certificates.part.stop();
    await two.certificates.part.start();
    expect(readAuthorities(store.secret() as Secret)?.retired.map(({ id }) => id)).toEqual([old.id]);
    const writes = store.writes();
    published = undefined;
    store.delete();
    await clock.advance(61_000);
    await two.certificates.part.stop();
    expect([store.writes(), store.secret()]).toEqual([writes, undefined]);
  });

  it('no authority is created when Secret and registration were created and deleted between two checks', async () => {
    const store = createSecretStore();
    const clock = createFakeClock();
    const publication = new Publication(() => clock.monotonicMs());
    const one = replica(store, { clock, publication });
    await one.certificates.part.start();
    const writes = store.writes();
    expect(writes).toBe(1);
    publication.noteRegistered();
    store.delete();
    await clock.advance(61_000);
    await one.certificates.part.stop();
    expect([store.writes(), store.secret()]).toEqual([writes, undefined]);
  });

  it('lifetimes that are too short for the checks are refused', () => {
    expect(() => replica(createSecretStore(), { leafLifeMs: 60_000 })).toThrow('do not live long enough');
    expect(() => replica(createSecretStore(), { leafLifeMs: 300 * day })).toThrow('must not live longer than a third');
  });

  it('certificates have metrics for their expiry and for failures', async () => {
    const store = createSecretStore();
    const one = replica(store);
    await one.certificates.part.start();
    const metrics = await one.registry.metrics();
    expect(metrics).toContain(
      `aegis_certificate_expiry_timestamp_seconds{certificate="serving"} ${Date.UTC(2026, 0, 8) / 1_000}`,
    );
    expect(metrics).toContain(
      `aegis_certificate_expiry_timestamp_seconds{certificate="ca"} ${Date.UTC(2027, 0, 1) / 1_000}`,
    );
    store.fail(true);
    const two = replica(store);
    await two.certificates.part.start();
    expect(await two.registry.metrics()).toContain('aegis_certificate_failures_total 1');
  });
});
