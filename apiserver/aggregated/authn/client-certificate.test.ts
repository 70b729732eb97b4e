import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  clientAuth,
  createAuthority,
  serverAuth,
  type TestAuthority,
} from '../../../test/aggregated/support/certificates.ts';
import { configData } from '../../../test/aggregated/support/in-process.ts';
import { parseFrontProxyConfig } from './front-proxy-config.ts';
import { createCertificateVerifier } from './client-certificate.ts';

let ca: TestAuthority;
let namesake: TestAuthority;
beforeAll(async () => {
  ca = await createAuthority('front-proxy-ca');
  namesake = await createAuthority('front-proxy-ca');
});

const dayMs = 24 * 60 * 60 * 1000;

/** A connection whose certificate is looked at so many times. */
function connection(pem: string | undefined) {
  const looks = { count: 0 };
  const socket = {
    getPeerX509Certificate: () => {
      looks.count += 1;
      return pem === undefined ? undefined : new X509Certificate(pem);
    },
  };
  return { socket, looks };
}

async function judged(wanted: Parameters<TestAuthority['issue']>[0], by: TestAuthority = ca) {
  const { cert } = await by.issue(wanted);
  const config = parseFrontProxyConfig(configData(ca.cert));
  return createCertificateVerifier(() => new Date())(connection(cert).socket, config);
}

describe('a client certificate', () => {
  const commonName = 'front-proxy-client';

  it('a client certificate with the right authority, name and usage is accepted', async () => {
    expect(await judged({ commonName })).toBeUndefined();
    expect(await judged({ commonName, usages: [serverAuth, clientAuth] })).toBeUndefined();
  });

  it('a connection without a client certificate is refused', () => {
    const config = parseFrontProxyConfig(configData(ca.cert));
    expect(createCertificateVerifier(() => new Date())(connection(undefined).socket, config)).toBe('no_certificate');
  });

  it('a client certificate with another authority, name, usage or validity is refused', async () => {
    expect(await judged({ commonName }, namesake)).toBe('certificate_authority');
    expect(await judged({ commonName }, await ca.intermediate('in-between'))).toBe('certificate_authority');
    expect(await judged({ commonName: 'other' })).toBe('certificate_name');
    expect(await judged({ commonName, usages: [] })).toBe('certificate_usage');
    expect(await judged({ commonName, usages: [serverAuth] })).toBe('certificate_usage');
    expect(await judged({ commonName, fromDays: -2, toDays: -1 })).toBe('certificate_expired');
    expect(await judged({ commonName, fromDays: 1, toDays: 2 })).toBe('certificate_expired');
  });

  it('a client certificate is verified once for a connection, until it expires or the configuration changes', async () => {
    const { cert } = await ca.issue({ commonName });
    const { socket, looks } = connection(cert);
    const time = { now: new Date() };
    const verify = createCertificateVerifier(() => time.now);
    const config = parseFrontProxyConfig(configData(ca.cert));
    expect([verify(socket, config), verify(socket, config)]).toEqual([undefined, undefined]);
    expect(looks.count).toBe(1);
    expect(verify(socket, parseFrontProxyConfig(configData(namesake.cert)))).toBe('certificate_authority');
    time.now = new Date(Date.now() + 2 * dayMs);
    expect(verify(socket, config)).toBe('certificate_expired');
  });
});
