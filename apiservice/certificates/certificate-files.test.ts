import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';

import { createFakeClock, settle } from '../../test/kube/fake-clock.ts';
import { createFakeLogger } from '../../test/kube/things.ts';
import { createCertificateFiles } from './certificate-files.ts';
import { issueAuthority } from './issue.ts';
import { createApiserviceMetrics } from '../metrics.ts';

const period = { notBefore: new Date(Date.UTC(2025, 0, 1)), notAfter: new Date(Date.UTC(2027, 0, 1)) };

async function start(files: Map<string, string>) {
  const clock = createFakeClock();
  const certificates = createCertificateFiles({
    certificateFile: 'tls.crt',
    keyFile: 'tls.key',
    clock,
    logger: createFakeLogger(),
    metrics: createApiserviceMetrics(new Registry()),
    read: (path) => {
      const text = files.get(path);
      return text === undefined ? Promise.reject(new Error(`no ${path}`)) : Promise.resolve(text);
    },
  });
  await certificates.part.start();
  return { certificates, clock };
}

describe('certificates from files', () => {
  it('certificate files are loaded only when both belong together', async () => {
    const [one, two] = [await issueAuthority('one', period), await issueAuthority('two', period)];
    const files = new Map([
      ['tls.crt', one.certificate],
      ['tls.key', one.key],
    ]);
    const { certificates, clock } = await start(files);
    expect(certificates.current()).toEqual(one);
    files.set('tls.crt', two.certificate);
    await clock.advance(10_000);
    await settle();
    expect(certificates.current()).toEqual(one);
    expect(certificates.ready.check()).toBe('the key does not belong to the certificate');
    files.set('tls.key', two.key);
    await clock.advance(10_000);
    await settle();
    expect(certificates.current()).toEqual(two);
    expect(certificates.ready.check()).toBeUndefined();
    expect(await certificates.bundle()).toBeUndefined();
    await certificates.part.stop();
  });

  it('there is no certificate while the files are missing', async () => {
    const { certificates } = await start(new Map());
    expect(() => certificates.ready.check()).toThrow('no tls.crt');
    await certificates.part.stop();
  });
});
