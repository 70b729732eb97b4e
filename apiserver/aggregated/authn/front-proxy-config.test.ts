import { beforeAll, describe, expect, it } from '@jest/globals';
import { createAuthority } from '../../../test/aggregated/support/certificates.ts';
import { configData } from '../../../test/aggregated/support/in-process.ts';
import { parseFrontProxyConfig } from './front-proxy-config.ts';

let authority: string;
beforeAll(async () => {
  authority = (await createAuthority('front-proxy-ca')).cert;
});

describe('the published configuration of the front proxy', () => {
  it('the front-proxy configuration of kubeadm is parsed', () => {
    expect(parseFrontProxyConfig(configData(authority))).toEqual({
      authorities: [authority],
      allowedNames: ['front-proxy-client'],
      usernameHeaders: ['x-remote-user'],
      groupHeaders: ['x-remote-group'],
      extraPrefixes: ['x-remote-extra-'],
      uidHeaders: [],
    });
  });

  it('the front-proxy configuration has all certificates of a bundle, and nothing that is not published', () => {
    const config = parseFrontProxyConfig(
      configData(`# old\n${authority}\n${authority}`, {
        'requestheader-allowed-names': '[]',
        'requestheader-username-headers': '["X-My-User"]',
        'requestheader-uid-headers': '["X-My-Uid"]',
      }),
    );
    expect(config).toMatchObject({ allowedNames: [], usernameHeaders: ['x-my-user'], uidHeaders: ['x-my-uid'] });
    expect(config.authorities).toHaveLength(2);
  });

  it('the front-proxy configuration accepts null as an empty list of names, as Go writes it', () => {
    const data = configData(authority, { 'requestheader-allowed-names': 'null' });
    expect(parseFrontProxyConfig(data).allowedNames).toEqual([]);
  });

  it.each([
    ['requestheader-client-ca-file', ''],
    ['requestheader-client-ca-file', 'no certificate'],
    ['requestheader-client-ca-file', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'],
    ['requestheader-allowed-names', ''],
    ['requestheader-allowed-names', 'front-proxy-client'],
    ['requestheader-allowed-names', '{}'],
    ['requestheader-allowed-names', '[" "]'],
    ['requestheader-allowed-names', '[1]'],
    ['requestheader-username-headers', '[]'],
    ['requestheader-username-headers', '["X Remote"]'],
    ['requestheader-group-headers', '[]'],
    ['requestheader-group-headers', 'null'],
    ['requestheader-extra-headers-prefix', '[""]'],
    ['requestheader-uid-headers', '"X-Remote-Uid"'],
  ])('the front-proxy configuration is refused when %s is %j', (key, value) => {
    expect(() => parseFrontProxyConfig(configData(authority, { [key]: value }))).toThrow(key);
  });

  it.each([
    'requestheader-client-ca-file',
    'requestheader-allowed-names',
    'requestheader-username-headers',
    'requestheader-group-headers',
    'requestheader-extra-headers-prefix',
  ])('the front-proxy configuration is refused when %s is missing', (key) => {
    const rest = Object.fromEntries(Object.entries(configData(authority)).filter(([name]) => name !== key));
    expect(() => parseFrontProxyConfig(rest)).toThrow(key);
  });
});
