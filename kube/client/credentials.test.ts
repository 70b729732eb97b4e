import type { RequestOptions } from 'node:https';

import { describe, expect, it } from '@jest/globals';

import { createFakeClock } from '../../test/kube/fake-clock.ts';
import { credentialsOf } from './credentials.ts';

function kubeConfig(apply: (options: RequestOptions, call: number) => void) {
  let calls = 0;
  return {
    calls: () => calls,
    applyToHTTPSOptions: (options: RequestOptions) => {
      apply(options, ++calls);
      return Promise.resolve();
    },
  };
}

describe('credentials', () => {
  it('credentials are read again after ten seconds, because tokens rotate', async () => {
    const clock = createFakeClock();
    const source = credentialsOf(
      kubeConfig((options, call) => {
        options.headers = { Authorization: `Bearer ${call}\n` };
      }),
      clock,
    );
    expect((await source.current()).headers).toEqual({ authorization: 'Bearer 1' });
    expect((await source.current()).headers).toEqual({ authorization: 'Bearer 1' });
    await clock.advance(10_000);
    expect((await source.current()).headers).toEqual({ authorization: 'Bearer 2' });
  });

  it('credentials are read again at once when they were rejected or could not be read', async () => {
    const config = kubeConfig((_, call) => {
      if (call === 2) throw new Error('plugin failed');
    });
    const source = credentialsOf(config, createFakeClock());
    await source.current();
    source.rejected();
    await expect(source.current()).rejects.toThrow('plugin failed');
    await source.current();
    expect(config.calls()).toBe(3);
  });

  it('credentials are read once for concurrent requests', async () => {
    const config = kubeConfig(() => undefined);
    const source = credentialsOf(config, createFakeClock());
    await Promise.all([source.current(), source.current(), source.current()]);
    expect(config.calls()).toBe(1);
  });

  it('credentials have a fingerprint of the TLS material', async () => {
    const clock = createFakeClock();
    const certificates = ['one', 'one', 'two'];
    const source = credentialsOf(
      kubeConfig((options, call) => {
        options.cert = certificates[call - 1];
      }),
      clock,
    );
    const fingerprints: string[] = [];
    for (let i = 0; i < 3; i++) {
      fingerprints.push((await source.current()).tlsFingerprint);
      await clock.advance(10_000);
    }
    expect(fingerprints[1]).toBe(fingerprints[0]);
    expect(fingerprints[2]).not.toBe(fingerprints[0]);
  });

  it('credentials with a password become basic authentication', async () => {
    const source = credentialsOf(
      kubeConfig((options) => {
        options.auth = 'anna:secret';
      }),
      createFakeClock(),
    );
    expect((await source.current()).headers).toEqual({ authorization: `Basic ${btoa('anna:secret')}` });
  });
});
